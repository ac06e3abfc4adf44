import { useEffect, useState } from "react"
import { useCommands } from "../keys/commands.ts"

type Rows = {
  /** The key of each line, null for a line that can't be chosen; rows carry theirs as `data-row`. */
  keys: readonly (string | null)[]
  scrollTo: (index: number) => void
}

/**
 * j and k go through the rows of a list; the row they reach has the focus, so that Enter opens it and a screen reader reads it. The row
 * is kept by its key: it stays chosen while others come and go. Answers the chosen one.
 */
export const useRowCursor = ({ keys, scrollTo }: Rows): string | null => {
  const [current, setCurrent] = useState<string | null>(null)
  const go = (step: 1 | -1) => {
    const at = current === null ? -1 : keys.indexOf(current)
    let next = at === -1 && step === -1 ? keys.length : at
    do next += step
    while (keys[next] === null)
    const key = keys[next]
    if (key == null) return
    setCurrent(key)
    scrollTo(next)
  }
  useCommands([
    { id: "row-next", title: "Next row", section: "List", keys: ["j"], inPalette: false, run: () => go(1) },
    {
      id: "row-previous",
      title: "Previous row",
      section: "List",
      keys: ["k"],
      inPalette: false,
      run: () => go(-1),
    },
  ])
  useEffect(() => {
    if (current === null) return
    const focus = () => {
      const row = document.querySelector<HTMLElement>(`[data-row="${CSS.escape(current)}"]`)
      row?.focus({ preventScroll: true })
      return row !== null
    }
    // A row that was out of sight is there a frame after it was scrolled to.
    if (focus()) return
    const frame = requestAnimationFrame(focus)
    return () => cancelAnimationFrame(frame)
  }, [current])
  return current
}
