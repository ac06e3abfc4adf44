import { flushSync } from "react-dom"

/** Renders the page in the place of the queue that came drawn with it. */
export type TakeOver = (render: () => void) => void

/**
 * Reads what a person has done with the drawn queue while the script was on its way. What was typed into the filter goes into the address,
 * where the filter stands; the focus and the scrolling are taken along when the page takes over.
 */
export const readDrawn = (place: HTMLElement): TakeOver => {
  const form = place.querySelector<HTMLFormElement>("form[data-filter]")
  if (form === null) return render => render()
  const typed = [...new FormData(form)].flatMap(([name, value]) =>
    typeof value === "string" && value.trim() !== "" ? [[name, value.trim()]] : [],
  )
  if (typed.length > 0) window.history.replaceState(null, "", `/?${new URLSearchParams(typed)}`)
  return render => {
    const focused = focusedIn(place)
    const top = view()?.scrollTop ?? 0
    if (focused === null && top === 0) return render()
    // At once, so that nothing is done in between.
    flushSync(render)
    view()?.scrollTo({ top })
    const again = focused === null ? null : place.querySelector<HTMLElement>(focused)
    again?.focus({ preventScroll: true })
    if (again instanceof HTMLInputElement) again.setSelectionRange(again.value.length, again.value.length)
  }
}

const view = (): HTMLElement | null => document.getElementById("view")

/** A selector of what has the focus, and is there again when the page has taken over: a row, or a field of the filter. */
const focusedIn = (place: HTMLElement): string | null => {
  const active = document.activeElement
  if (!(active instanceof HTMLElement) || !place.contains(active)) return null
  const { row } = active.dataset
  if (row !== undefined) return `[data-row="${CSS.escape(row)}"]`
  const name = active.getAttribute("name")
  return name === null ? null : `form[data-filter] [name="${CSS.escape(name)}"]`
}
