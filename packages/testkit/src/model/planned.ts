import { randomBytes } from "node:crypto"
import type { Item, Reply, ReplyItem, ScriptRequest } from "./script.ts"

/** An output item before it is streamed: its identity, and the one text that its deltas carry. */
export type Planned = {
  kind: "message" | "refusal" | "reasoning" | "function_call" | "custom_tool_call"
  id: string
  text: string
  callId: string
  name: string
  /** What `encrypted_content` holds; null when it was not asked for. */
  encrypted: string | null
}

/** A fresh id as the service makes them, such as `resp_…`. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(24).toString("hex")}`

/** The output items of a reply, each call in the shape in which its tool was offered. */
export const planItems = (reply: Reply, request: ScriptRequest, encrypt: boolean): Planned[] =>
  reply.items.map(item => planItem(item, request, encrypt))

const plan = (kind: Planned["kind"], prefix: string, text: string): Planned => ({
  kind,
  id: newId(prefix),
  text,
  callId: "",
  name: "",
  encrypted: null,
})

const planItem = (item: ReplyItem, request: ScriptRequest, encrypt: boolean): Planned => {
  switch (item.type) {
    case "message":
      return plan("message", "msg", item.text)
    case "refusal":
      return plan("refusal", "msg", item.text)
    case "reasoning": {
      const encrypted = encrypt ? `simulated-${randomBytes(96).toString("base64url")}` : null
      return { ...plan("reasoning", "rs", item.summary ?? ""), encrypted }
    }
    case "call":
      return planCall(item, request)
    default:
      return item satisfies never
  }
}

const planCall = (item: Extract<ReplyItem, { type: "call" }>, request: ScriptRequest): Planned => {
  const named = { callId: `call_${randomBytes(12).toString("hex")}`, name: item.name }
  const offered = request.tools.find(tool => tool.name === item.name)?.type
  if ("raw" in item) return { ...plan("function_call", "fc", item.raw), ...named }
  if (typeof item.input === "string" && offered !== "function")
    return { ...plan("custom_tool_call", "ctc", item.input), ...named }
  const input = typeof item.input === "string" ? { input: item.input } : item.input
  return { ...plan("function_call", "fc", JSON.stringify(input)), ...named }
}

/** The item on the wire with a part of its text, or the whole. */
export const wireItem = (planned: Planned, text: string, status: string): Item => {
  const { id, kind, callId, name } = planned
  switch (kind) {
    case "message":
    case "refusal": {
      const content = text === "" && status === "in_progress" ? [] : [contentPart(kind, text)]
      return { id, type: "message", status, role: "assistant", content }
    }
    case "reasoning": {
      const summary = text === "" ? [] : [contentPart(kind, text)]
      const done = status !== "in_progress" && planned.encrypted !== null
      return { id, type: "reasoning", summary, ...(done ? { encrypted_content: planned.encrypted } : {}) }
    }
    case "function_call":
      return { id, type: kind, status, call_id: callId, name, arguments: text }
    case "custom_tool_call":
      return { id, type: kind, status, call_id: callId, name, input: text }
    default:
      return kind satisfies never
  }
}

/** The part of a message or of a summary that holds the text. */
export const contentPart = (kind: "message" | "refusal" | "reasoning", text: string): Item => {
  if (kind === "message") return { type: "output_text", annotations: [], logprobs: [], text }
  return kind === "refusal" ? { type: "refusal", refusal: text } : { type: "summary_text", text }
}

/** A text in pieces of about a token, no character split. */
export const pieces = (text: string): string[] => text.match(/[\s\S]{1,4}/gu) ?? []
