import type { ServerResponse } from "node:http"
import type { DirectRefusal } from "@twolane/store"

/** The answer to a turn that was not taken; nothing was done then. Empty for what is no request for a turn. */
export type Refusal = { refused?: DirectRefusal }

/** Answers without a stream. */
export const refuse = (response: ServerResponse, status: number, body: Refusal): void => {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify(body))
}
