import { neverAborted, readConfig } from "@twolane/common"
import type { Gateway } from "./gateway.ts"
import { streamTiming } from "./http/streams.ts"
import { buildServer } from "./server.ts"

// Prints the OpenAPI document, from which the client's types are made. Routes are registered and none is called, so there is nothing
// else that they would work with.
const gateway = {
  stopping: neverAborted(),
  config: readConfig({}),
  streams: { timing: streamTiming },
} as Gateway
const app = await buildServer(gateway, { pageFolder: "", platforms: [] })
process.stdout.write(`${JSON.stringify(app.swagger(), null, 2)}\n`)
await app.close()
