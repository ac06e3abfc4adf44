/** What one check found. `bad` keeps Twolane from working; `warn` is worth knowing. */
export type Finding = { check: string; verdict: "ok" | "warn" | "bad"; detail: string }

/** All is well. */
export const ok = (check: string, detail: string): Finding => ({ check, verdict: "ok", detail })
/** It works, but somebody should know. */
export const warn = (check: string, detail: string): Finding => ({ check, verdict: "warn", detail })
/** It does not work. */
export const bad = (check: string, detail: string): Finding => ({ check, verdict: "bad", detail })
