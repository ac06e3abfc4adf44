/** The windows that the gateway keeps. */
export const windows = ["1h", "24h", "7d", "30d"] as const
export type Window = (typeof windows)[number]

const hourMs = 3_600_000
/** How long each window is. */
export const windowMs: Record<Window, number> = {
  "1h": hourMs,
  "24h": 24 * hourMs,
  "7d": 168 * hourMs,
  "30d": 720 * hourMs,
}

/** Which numbers are shown; in the address, so that a view can be shared. */
export type NumbersSearch = {
  window?: Window | undefined
  repo?: string | undefined
  model?: string | undefined
}

/** Takes anything, throws nothing. */
export const readNumbersSearch = (search: Record<string, unknown>): NumbersSearch => ({
  ...(windows.includes(search.window as Window) && { window: search.window as Window }),
  ...(typeof search.repo === "string" && search.repo !== "" && { repo: search.repo }),
  ...(typeof search.model === "string" && search.model !== "" && { model: search.model }),
})
