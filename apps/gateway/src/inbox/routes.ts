import type { IncomingHttpHeaders } from "node:http"
import { Fault } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import type { Platform } from "./platform.ts"

/** Where platforms call: each request is checked, kept, and only then answered; what it asks for is done afterwards. */
export const inboxRoutes = (app: App, gateway: Gateway, platforms: readonly Platform[]): void => {
  // Signatures are over the bytes that were sent, whatever they are.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body))
  for (const platform of platforms)
    app.post(
      `/integrations/${platform.name}`,
      { bodyLimit: platform.maxBodyBytes, schema: { hide: true } },
      async (request, reply) => {
        const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const { keep, answer } = await platform.verify(request.headers, raw, gateway.store.now())
        if (keep !== undefined)
          await keepDelivery(gateway, platform, { ...keep, raw, headers: request.headers })
        const { status, body } = answer ?? { status: 202, body: "" }
        return reply.code(status).send(body)
      },
    )
}

type Kept = { id: string; conversation: string; raw: Buffer; headers: IncomingHttpHeaders }

/** One that came before is answered as it was then. */
const keepDelivery = async ({ store }: Gateway, { name }: Platform, kept: Kept): Promise<void> => {
  const result = await store.inbox.put(name, { ...kept, headers: textOf(kept.headers) })
  if (result === "full")
    throw new Fault("store-unavailable", "Too much waits to be worked. Send it again later.")
}

const textOf = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  )
