import { createStore, useStore } from "../store.ts"

/** What a person chose; `system` follows the machine. */
export type Theme = "system" | "light" | "dark"

const storageKey = "twolane-theme"

const read = (): Theme => {
  try {
    const kept = localStorage.getItem(storageKey)
    return kept === "light" || kept === "dark" ? kept : "system"
  } catch {
    return "system" // storage is forbidden here: the choice lasts as long as the page
  }
}

const theme = createStore<Theme>(read())

const show = (chosen: Theme): void => {
  if (chosen === "system") delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}

/** Shows the kept choice; called before the first render. */
export const showKeptTheme = (): void => show(theme.get())

/** Chooses, and keeps the choice in this browser. */
export const chooseTheme = (chosen: Theme): void => {
  show(chosen)
  theme.set(chosen)
  try {
    if (chosen === "system") localStorage.removeItem(storageKey)
    else localStorage.setItem(storageKey, chosen)
  } catch {
    // As in `read`.
  }
}

/** The choice now. */
export const useTheme = (): Theme => useStore(theme)
