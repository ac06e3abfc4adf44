import { beginEarly } from "./early.ts"

// First what takes long elsewhere, then the page itself.
beginEarly(window.location.pathname)
const { start } = await import("./app.tsx")
start()
