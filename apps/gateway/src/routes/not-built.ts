import { Fault } from "@twolane/protocol"
import type { HTTPMethods } from "fastify"
import type { App } from "../http/app.ts"

/** Routes of the contract that come later: they say so, instead of looking mistyped. */
const hooks: readonly [HTTPMethods, string][] = [
  ["POST", "/integrations/slack"],
  ["POST", "/integrations/discord"],
  ["POST", "/integrations/github"],
]

/** Those that other services call, with signatures of their own. */
export const unbuiltHooks = (app: App): void => {
  for (const [method, url] of hooks)
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
