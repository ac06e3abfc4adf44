import type { TranscriptItem } from "@twolane/protocol"
import type { ProviderError } from "./failure.ts"
import type { ToolSpec } from "./port.ts"

/** What a provider of the Responses API takes of what we would like to send. */
export type Dialect = {
  /** Free-form tools; without them each becomes a function with one string `input`. */
  customTools: boolean
  /** Reasoning that travels encrypted with the conversation. */
  encryptedReasoning: boolean
}

/** What is tried first: all of it. */
export const fullDialect: Dialect = { customTools: true, encryptedReasoning: true }

/** A smaller dialect when that is what the provider complained about; null when it complained about something else. */
export const narrow = (dialect: Dialect, said: ProviderError): Dialect | null => {
  if (said.status !== 400 && said.status !== 422) return null
  const text = `${said.param ?? ""} ${said.message}`
  if (dialect.encryptedReasoning && /encrypted|\binclude\b/i.test(text))
    return { ...dialect, encryptedReasoning: false }
  if (dialect.customTools && /\bcustom\b|tools[.[]/i.test(text)) return { ...dialect, customTools: false }
  return null
}

/** The JSON schema of a custom tool that is offered as a function. */
export const inputSchema = {
  type: "object",
  properties: { input: { type: "string", description: "The whole input, as text." } },
  required: ["input"],
  additionalProperties: false,
} as const

/** The names of the tools that take free text. */
export const customNames = (tools: readonly ToolSpec[]): ReadonlySet<string> =>
  new Set(tools.filter(tool => tool.type === "custom").map(tool => tool.name))

/** A call of a custom tool, and its result, as those of a function; anything else stays. */
export const asFunctionItem = (item: TranscriptItem): TranscriptItem => {
  if (item.type === "custom_tool_call") {
    const { input, type: _type, id: _id, ...rest } = item
    return { ...rest, type: "function_call", arguments: JSON.stringify({ input }) }
  }
  return item.type === "custom_tool_call_output" ? { ...item, type: "function_call_output" } : item
}

/** A function call that stands for a custom tool, as that tool's call; one whose arguments don't fit stays, for the loop to refuse. */
export const asCustomItem = (item: TranscriptItem, names: ReadonlySet<string>): TranscriptItem => {
  if (item.type !== "function_call" || typeof item.name !== "string" || !names.has(item.name)) return item
  const input = inputOf(item.arguments)
  if (input === null) return item
  const { arguments: _arguments, id: _id, type: _type, ...rest } = item
  return { ...rest, type: "custom_tool_call", input }
}

const inputOf = (args: unknown): string | null => {
  try {
    const parsed: unknown = JSON.parse(String(args))
    return typeof parsed === "object" &&
      parsed !== null &&
      "input" in parsed &&
      typeof parsed.input === "string"
      ? parsed.input
      : null
  } catch {
    return null // the caller leaves the call as it is
  }
}
