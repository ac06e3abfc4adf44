import { ApiError } from "./api-error.ts"
import { type Memory, makeMemory } from "./memory.ts"
import { type Meter, makeMeter, tokensIn } from "./meter.ts"
import { newId, planItems } from "./planned.ts"
import { makeRateLimiter, type RateLimiter, type RateLimits } from "./rate-limit.ts"
import { makeRecorder, type RecordedRequest, type Recorder } from "./record.ts"
import { checkAnswered, checkRequest, inputItems, type Lack, type ResponseRequest } from "./request.ts"
import type { Answer, Ending } from "./response-events.ts"
import type { Item, ModelTransportName, ReplyFault, Script, ScriptRequest } from "./script.ts"
import type { SteeringSupport } from "./steering.ts"

/** How a simulated model behaves beside its script. */
export type ModelOptions = {
  script: Script
  /** The bearer key that is asked for; none by default. */
  apiKey?: string
  /** What `GET /v1/models` lists. When given, any other name is 404 `model_not_found`. */
  models?: readonly string[]
  /** What is spoken; by default all. A socket that is not spoken is refused with a plain 404, as by most providers. */
  transports?: readonly ("websocket" | "sse" | "chat")[]
  /** What a lesser provider does not know; it answers 400, as those do. */
  without?: readonly Lack[]
  /** What becomes of `response.steer`; as with older models, it is refused by default. */
  steering?: SteeringSupport
  /** What may be asked in a minute; everything by default. Only plain answers have headers. */
  limits?: RateLimits
  /** How long a socket may live; 60 minutes, as the service has it. */
  connectionMs?: number
  /** How many requests are kept for tests to look at. */
  keepRequests?: number
  /** Hears of each request as it comes in. */
  onRequest?: (request: RecordedRequest) => void
}

/** A simulated model with what it remembers; the HTTP and socket servers speak for it. */
export type Model = {
  options: ModelOptions
  meter: Meter
  limiter: RateLimiter
  stored: Memory
  recorder: Recorder
}

/** Where a request came from, and what it may continue. */
export type Origin = { transport: ModelTransportName; memory: Memory; isSteered: () => boolean }

/** Makes a model without any server yet. */
export const makeModel = (options: ModelOptions): Model => ({
  options,
  meter: makeMeter(),
  limiter: makeRateLimiter(options.limits),
  stored: makeMemory(1_000),
  recorder: makeRecorder(options.keepRequests ?? 1_000, options.onRequest),
})

/** The names that `GET /v1/models` lists. */
export const modelNames = (options: ModelOptions): readonly string[] =>
  options.models ?? ["gpt-5.3-codex", "gpt-5.3-codex-spark"]

/**
 * Checks a request, asks the script and makes its reply ready to be streamed; also answers the conversation it stands on.
 * @throws ApiError for what the service refuses, and for a reply whose fault is a status.
 */
export const answerRequest = async (
  model: Model,
  request: ResponseRequest,
  origin: Origin,
): Promise<{ answer: Answer; items: readonly Item[]; headers: Record<string, string> }> => {
  checkModel(model.options, request.model)
  checkRequest(request, model.options.without ?? [])
  const parent = findParent(request, origin.memory)
  const items = [...(parent?.items ?? []), ...inputItems(request.input)]
  const warmUp = request.generate === false
  if (!warmUp) checkAnswered(items)
  const asked: ScriptRequest = {
    model: request.model,
    instructions: request.instructions ?? "",
    items,
    tools: request.tools.map(tool => ({ type: tool.type, name: tool.name ?? "" })),
    transport: origin.transport,
  }
  // What was asked for counts, whether it is said or not.
  const headers = warmUp ? {} : model.limiter.take(tokensIn(asked) + (request.max_output_tokens ?? 0))
  const reply = warmUp ? { items: [] } : await model.options.script(asked)
  if (reply.fault?.type === "status") throw statusError(reply.fault)
  const planned = planItems(reply, asked, request.include?.includes("reasoning.encrypted_content") === true)
  const usage = model.meter.measure(asked, reply, planned, parent?.tokens ?? null)
  const answer = { id: newId("resp"), createdAt: Date.now(), request, reply, planned, usage }
  return { answer: { ...answer, isSteered: origin.isSteered }, items, headers }
}

/** Remembers a completed answer, so that it may be continued by its id. */
export const remember = (memory: Memory, answer: Answer, items: readonly Item[], ending: Ending): void => {
  if (!("output" in ending) || ending.type === "failed") return
  const tokens = answer.usage.inputTokens + answer.usage.outputTokens
  memory.put(answer.id, { items: [...items, ...ending.output], tokens })
}

const checkModel = (options: ModelOptions, name: string): void => {
  if (options.models === undefined || options.models.includes(name)) return
  throw new ApiError(404, `The model '${name}' does not exist or you do not have access to it.`, {
    code: "model_not_found",
  })
}

const findParent = (request: ResponseRequest, memory: Memory) => {
  const id = request.previous_response_id
  if (id == null) return undefined
  const parent = memory.get(id)
  if (parent !== undefined) return parent
  throw new ApiError(400, `Previous response with id '${id}' not found.`, {
    code: "previous_response_not_found",
    param: "previous_response_id",
  })
}

const statusError = (fault: Extract<ReplyFault, { type: "status" }>): ApiError => {
  const { status, code, message, retryAfterSeconds } = fault
  return new ApiError(status, message ?? `A scripted error with status ${status}.`, {
    ...(code === undefined ? {} : { code }),
    ...(retryAfterSeconds === undefined ? {} : { headers: { "retry-after": String(retryAfterSeconds) } }),
  })
}
