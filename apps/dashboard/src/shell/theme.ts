import { createStore, useStore } from "../store.ts"

/** What a person chose; `system` follows the machine. */
export type Theme = "system" | "light" | "dark"

/** In a cookie, so that what the gateway draws has its colours from the start (`page/draw.ts` of the gateway). */
const cookieName = "twolane-theme"
const keptForSeconds = 400 * 86_400

const read = (): Theme => {
  if (import.meta.env.SSR) return "system"
  const kept = new RegExp(`(?:^|; )${cookieName}=(light|dark)(?:;|$)`).exec(document.cookie)?.[1]
  return kept === "light" || kept === "dark" ? kept : "system"
}

const theme = createStore<Theme>(read())

const show = (chosen: Theme): void => {
  if (chosen === "system") delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}

/** Shows the kept choice; called before the first render. */
export const showKeptTheme = (): void => show(theme.get())

/** Chooses, and keeps the choice in this browser. Where cookies are forbidden it lasts as long as the page. */
export const chooseTheme = (chosen: Theme): void => {
  show(chosen)
  theme.set(chosen)
  const age = chosen === "system" ? 0 : keptForSeconds
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not in every browser, and it is a choice of colours
  document.cookie = `${cookieName}=${chosen}; path=/; max-age=${age}; samesite=strict`
}

/** The choice now. */
export const useTheme = (): Theme => useStore(theme)
