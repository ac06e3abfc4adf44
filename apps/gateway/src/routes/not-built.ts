import { Fault } from "@twolane/protocol"
import type { HTTPMethods } from "fastify"
import type { App } from "../http/app.ts"
import type { Platform } from "../inbox/platform.ts"

/** Routes of the contract that come later: they say so, instead of looking mistyped. */
const hooks = ["github"] as const
const method: HTTPMethods = "POST"

/** Those that other services call, with signatures of their own. */
export const unbuiltHooks = (app: App, platforms: readonly Platform[]): void => {
  for (const name of hooks) {
    if (platforms.some(platform => platform.name === name)) continue
    const url = `/integrations/${name}`
    app.route({
      method,
      url,
      schema: { hide: true },
      // Before the body is read: whatever it is, the answer is the same.
      onRequest: async () => {
        throw new Fault("not-implemented", `${method} ${url} is not built yet.`)
      },
      handler: async () => undefined,
    })
  }
}
