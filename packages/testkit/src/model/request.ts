import { z } from "zod"
import { ApiError } from "./api-error.ts"
import { isCall, isOutput } from "./conversation.ts"
import type { Item } from "./script.ts"

const AnyItem = z.looseObject({ type: z.string().optional() })

const Tool = z.looseObject({ type: z.string(), name: z.string().optional() })

/** The body of `POST /v1/responses`, and of the socket's `response.create`: what the simulation reads of it. */
export const ResponseRequest = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(AnyItem)]).default([]),
  instructions: z.string().nullish(),
  tools: z.array(Tool).default([]),
  previous_response_id: z.string().nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  include: z.array(z.string()).nullish(),
  max_output_tokens: z.number().int().min(16).nullish(),
  reasoning: z.looseObject({ summary: z.string().nullish() }).nullish(),
  generate: z.boolean().optional(),
  stream_id: z.string().min(1).max(64).optional(),
})
export type ResponseRequest = z.infer<typeof ResponseRequest>

/**
 * Parses a body by its schema.
 * @throws ApiError 400 that names the first place that is wrong.
 */
export const parseBody = <Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> => {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const param = issue?.path.join(".") ?? ""
  const missing = issue?.code === "invalid_type" && issue.message.includes("received undefined")
  throw missing
    ? new ApiError(400, `Missing required parameter: '${param}'.`, {
        code: "missing_required_parameter",
        param,
      })
    : new ApiError(400, `Invalid value for '${param}': ${issue?.message}`, { code: "invalid_value", param })
}

/** The input as items; a bare string is a user's message. */
export const inputItems = (input: ResponseRequest["input"]): Item[] =>
  typeof input === "string" ? [{ type: "message", role: "user", content: input }] : input

/** A part of the API that a lesser provider lacks. */
export type Lack = "custom tools" | "encrypted reasoning"

const knownTools = new Set(["function", "custom"])
const knownItems = new Set([
  "message",
  "reasoning",
  "function_call",
  "function_call_output",
  "custom_tool_call",
  "custom_tool_call_output",
])

/**
 * Refuses what the real service refuses: tools and items of an unknown type, parameters that a model does not take.
 * @throws ApiError 400.
 */
export const checkRequest = (request: ResponseRequest, lacks: readonly Lack[]): void => {
  if (lacks.includes("encrypted reasoning") && request.include?.includes("reasoning.encrypted_content"))
    throw new ApiError(400, "Encrypted content is not supported with this model.", { param: "include" })
  request.tools.forEach((tool, index) => {
    const param = `tools[${index}].type`
    const lacked = tool.type === "custom" && lacks.includes("custom tools")
    if (lacked || !knownTools.has(tool.type))
      throw new ApiError(400, `Invalid value: '${tool.type}'.`, { code: "invalid_value", param })
    if (tool.name === undefined)
      throw new ApiError(400, `Missing required parameter: 'tools[${index}].name'.`, {
        code: "missing_required_parameter",
        param: `tools[${index}].name`,
      })
  })
  inputItems(request.input).forEach((item, index) => {
    const type = typeof item.type === "string" ? item.type : "message"
    if (!knownItems.has(type))
      throw new ApiError(400, `Invalid value: '${type}'.`, {
        code: "invalid_value",
        param: `input[${index}].type`,
      })
  })
  // Spark models have no summaries of their reasoning.
  if (request.model.includes("spark") && request.reasoning?.summary != null)
    throw new ApiError(400, "Unsupported parameter: 'reasoning.summary' is not supported with this model.", {
      code: "unsupported_parameter",
      param: "reasoning.summary",
    })
}

/**
 * Refuses a conversation in which a call has no result, or a result no call.
 * @throws ApiError 400.
 */
export const checkAnswered = (items: readonly Item[]): void => {
  const answered = new Set(items.filter(isOutput).map(item => item.call_id))
  const open = items.find(item => isCall(item) && !answered.has(item.call_id))
  const kind = open?.type === "custom_tool_call" ? "custom tool call" : "function call"
  if (open !== undefined)
    throw new ApiError(400, `No tool output found for ${kind} ${String(open.call_id)}.`, { param: "input" })
  const called = new Set(items.filter(isCall).map(item => item.call_id))
  const stray = items.find(item => isOutput(item) && !called.has(item.call_id))
  if (stray !== undefined)
    throw new ApiError(400, `No tool call found for call output with call_id ${String(stray.call_id)}.`, {
      param: "input",
    })
}

/**
 * Parses a body's JSON.
 * @throws ApiError 400.
 */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    const error = new ApiError(400, "We could not parse the JSON body of your request.")
    error.cause = cause
    throw error
  }
}
