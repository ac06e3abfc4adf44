import { start } from "./app.tsx"

// Not awaited here: the views' own files import this one, and would wait for its end while it waits for them.
start().catch(reportError)
