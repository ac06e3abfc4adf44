import { once } from "node:events"
import { createLogger } from "../src/log.ts"

// Says that it is there; once it is told to, it ends with a line that is still on its way.
const log = createLogger({ part: "gateway", level: "info" })
log.info("here")
await once(process.stdin, "data")
for (let line = 0; line < 3; line++) log.info({ line }, "on its way")
process.exit(3)
