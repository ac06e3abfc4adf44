/** The checks that can fail. A test sees each of them fail: test/doctor-checks.test.ts says which. */
export const checks = [
  "user",
  "settings",
  "keys",
  "redis",
  "redis settings",
  "clock",
  "git",
  "jail",
  "jail limits",
  "disk",
  "file speed",
  "archive",
  "models",
  "fast model",
  "deep model",
  "prices",
  "slack",
  "discord",
  "chat links",
  "github",
  "github webhook",
  "gateway",
] as const
/** The name of one. */
export type Check = (typeof checks)[number]
/** What is only told. */
type Told = "node" | `jail's ${string}`

/** What one check found. `bad` keeps Twolane from working; `warn` is worth knowing. */
export type Finding = { check: Check | Told; verdict: "ok" | "warn" | "bad"; detail: string }

/** All is well. */
export const ok = (check: Check | Told, detail: string): Finding => ({ check, verdict: "ok", detail })
/** It works, but somebody should know. */
export const warn = (check: Check, detail: string): Finding => ({ check, verdict: "warn", detail })
/** It does not work. */
export const bad = (check: Check, detail: string): Finding => ({ check, verdict: "bad", detail })
