import { Fault, LiveEnvelope } from "@twolane/protocol"
import { parseJson } from "../http/body.ts"
import { schemaPlaces } from "../http/problem.ts"

/** A message of a client: a request, or what is wrong with it; `id` is null when it names none. */
export type ReadRequest = { id: string; request: LiveEnvelope } | { id: string | null; fault: Fault }

/** Reads one message. */
export const readRequest = (bytes: Buffer, isBinary: boolean): ReadRequest => {
  if (isBinary)
    return { id: null, fault: new Fault("unsupported-media-type", "Send JSON as a text message.") }
  let raw: unknown
  try {
    raw = parseJson(bytes)
  } catch (error) {
    if (error instanceof Fault) return { id: null, fault: error }
    throw error
  }
  const parsed = LiveEnvelope.safeParse(raw)
  if (parsed.success) return { id: parsed.data.id, request: parsed.data }
  const errors = schemaPlaces(parsed.error)
  return { id: idOf(raw), fault: new Fault("invalid", "Some fields are wrong; see errors.", { errors }) }
}

const idOf = (raw: unknown): string | null => {
  const id = typeof raw === "object" && raw !== null && "id" in raw ? raw.id : null
  return typeof id === "string" && id.length <= 100 ? id : null
}
