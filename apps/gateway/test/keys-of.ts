import type { Key } from "@twolane/protocol"
import type { Call, OpenGateway } from "./open-gateway.ts"

/** A key with its secret, and calls by it. */
export type OwnKey = Key & { secret: string; call: Call }

/** Makes a key with the one of the settings. */
export const keyOf = async (
  gateway: Pick<OpenGateway, "call">,
  wish: Record<string, unknown>,
): Promise<OwnKey> => {
  const { status, body, text } = await gateway.call("POST", "/v1/keys", wish)
  if (status !== 201) throw new Error(text)
  const key = body as Key & { secret: string }
  const authorization = `Bearer ${key.secret}`
  return {
    ...key,
    call: (method, path, sent, headers) => gateway.call(method, path, sent, { authorization, ...headers }),
  }
}
