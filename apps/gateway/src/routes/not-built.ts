import { Fault } from "@twolane/protocol"
import type { HTTPMethods } from "fastify"
import type { App } from "../http/app.ts"

/** Routes of the contract that come later: they say so, instead of looking mistyped. */
const behindKey: readonly [HTTPMethods, string][] = [
  ["GET", "/mcp"],
  ["POST", "/mcp"],
  ["DELETE", "/mcp"],
]

const open: readonly [HTTPMethods, string][] = [
  ["POST", "/integrations/slack"],
  ["POST", "/integrations/discord"],
  ["POST", "/integrations/github"],
]

/** Those that ask for a key. */
export const unbuiltRoutes = (app: App): void => refuseAll(app, behindKey)

/** Those that other services call, with signatures of their own. */
export const unbuiltHooks = (app: App): void => refuseAll(app, open)

const refuseAll = (app: App, routes: readonly [HTTPMethods, string][]): void => {
  for (const [method, url] of routes)
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
