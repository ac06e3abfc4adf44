import createFetch from "openapi-fetch"
import type { paths } from "./openapi.generated.d.ts"
import { problemFrom } from "./problem.ts"
import type { Transport } from "./transport.ts"

/** The calls of the API by path, typed from its OpenAPI document. */
export type Api = ReturnType<typeof createApi>

/** What every call takes beside its own fields. */
export type CallOptions = { signal?: AbortSignal }
/** A call with an effect. A key is made when none is given, so that a call that is sent again acts once. */
export type EffectOptions = CallOptions & { idempotencyKey?: string }

/** Makes the typed calls over a transport. */
export const createApi = ({ baseUrl, headers, send }: Transport) =>
  createFetch<paths>({ baseUrl, headers, fetch: send })

/** What a call's request body is. */
export type BodyOf<Path extends keyof paths, Method extends "post" | "put" = "post"> =
  paths[Path] extends Record<Method, { requestBody: { content: { "application/json": infer Body } } }>
    ? Body
    : never

/** The signal as a request takes it. */
export const read = ({ signal }: CallOptions = {}) => (signal === undefined ? {} : { signal })

/** The signal and the idempotency key as a request takes them. */
export const act = ({ signal, idempotencyKey }: EffectOptions = {}) => ({
  headers: { "idempotency-key": idempotencyKey ?? crypto.randomUUID() },
  ...(signal === undefined ? {} : { signal }),
})

/**
 * The body of an answer.
 * @throws ClientProblem
 */
export const bodyOf = async <Data>(
  answer: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> => {
  const { data, error, response } = await answer
  if (!response.ok) throw problemFrom(response, error)
  return data as Data
}

/**
 * Waits for an answer without a body.
 * @throws ClientProblem
 */
export const doneOf = async (answer: Promise<{ error?: unknown; response: Response }>): Promise<void> => {
  const { error, response } = await answer
  if (!response.ok) throw problemFrom(response, error)
}
