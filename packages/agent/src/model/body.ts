import type { TranscriptItem } from "@twolane/protocol"
import type { ResponseCreateParamsBase, ResponseInputItem, Tool } from "openai/resources/responses/responses"
import { asFunctionItem, type Dialect, inputSchema } from "./dialect.ts"
import type { ModelRequest, ToolSpec } from "./port.ts"

/** The address of a route below a provider's base URL; a query of the base (an API version, say) stays. */
export const routeUrl = (baseUrl: string, route: string): URL => {
  const url = new URL(baseUrl)
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${route}`
  return url
}

/** The bearer header; none without a key. */
export const authorization = (apiKey: string): Record<string, string> =>
  apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` }

/** The body of `POST /responses` and of `response.create`, without what belongs to only one of them. Nothing is stored. */
export const responseBody = (
  model: string,
  request: ModelRequest,
  input: readonly TranscriptItem[],
  dialect: Dialect,
): ResponseCreateParamsBase => {
  const spoken = dialect.customTools ? [...input] : input.map(asFunctionItem)
  return {
    model,
    instructions: request.instructions,
    // The items are the provider's own, or made by the loop in its shapes; they are kept as they are.
    input: spoken as ResponseInputItem[],
    tools: request.tools.map(spec => wireTool(spec, dialect)),
    store: false,
    ...(dialect.encryptedReasoning ? { include: ["reasoning.encrypted_content"] } : {}),
    ...(request.maxOutputTokens === undefined ? {} : { max_output_tokens: request.maxOutputTokens }),
  }
}

const wireTool = (spec: ToolSpec, dialect: Dialect): Tool => {
  const { name, description } = spec
  if (spec.type === "function")
    return { type: "function", name, description, parameters: spec.parameters, strict: spec.strict ?? false }
  if (!dialect.customTools)
    return { type: "function", name, description, parameters: inputSchema, strict: false }
  const format = { type: "grammar", syntax: "lark", definition: spec.grammar } as const
  return { type: "custom", name, description, format }
}
