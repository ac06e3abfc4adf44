import type { TranscriptItem } from "@twolane/protocol"
import { type ModelOptions, type ModelServer, startModel } from "@twolane/testkit"
import { createOpenModel } from "../../src/model/open-model.ts"
import type {
  ModelEvent,
  ModelRequest,
  ModelSession,
  ModelTransport,
  ToolSpec,
} from "../../src/model/port.ts"
import type { ModelTiming } from "../../src/model/timing.ts"

/** Tools of both kinds. */
export const tools: ToolSpec[] = [
  { type: "custom", name: "apply_patch", description: "Patches.", grammar: "start: /.+/" },
  { type: "function", name: "shell", description: "Runs.", parameters: { type: "object", properties: {} } },
]

/** A person's message. */
export const user = (text: string): TranscriptItem => ({
  type: "message",
  role: "user",
  content: [{ type: "input_text", text }],
})

/** The results of all calls among items. */
export const resultsOf = (items: readonly TranscriptItem[], output = "ok"): TranscriptItem[] =>
  items
    .filter(item => "call_id" in item)
    .map(item => ({ type: `${item.type}_output`, call_id: item.call_id, output }))

/** A request with our tools. */
export const asking = (context: readonly TranscriptItem[]): ModelRequest => ({
  instructions: "Be brief.",
  context,
  tools,
})

/** Waits are short, so that retries cost no time. */
export const quick: Partial<ModelTiming> = { baseWaitMs: 1, maxWaitMs: 4 }

/** A simulated model and a session with it; `events` is what the session said. */
export type Rig = AsyncDisposable & {
  server: ModelServer
  session: ModelSession
  events: ModelEvent[]
  step(context: readonly TranscriptItem[], signal?: AbortSignal): ReturnType<ModelSession["step"]>
}

/** Starts a model and opens a session over a transport. */
export const rig = async (
  transport: ModelTransport,
  model: ModelOptions,
  timing: Partial<ModelTiming> = {},
): Promise<Rig> => {
  const server = await startModel(model)
  const open = createOpenModel({ ...quick, ...timing })
  const session = open({ model: "gpt-5.3-codex", baseUrl: server.url, apiKey: model.apiKey ?? "", transport })
  const events: ModelEvent[] = []
  return {
    server,
    session,
    events,
    step: (context, signal = new AbortController().signal) =>
      session.step(asking(context), event => events.push(event), signal),
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]()
      await server.stop()
    },
  }
}

/** What was said, with the pieces of a stream put together. */
export const heard = (events: readonly ModelEvent[]): string[] => {
  const lines: string[] = []
  for (const event of events) {
    if (event.type === "item" || event.type === "waiting" || event.type === "resumed") continue
    if (event.type === "retry") {
      lines.push("retry")
      continue
    }
    const head = event.type === "text" ? "text " : `tool ${event.name} `
    if (lines.at(-1)?.startsWith(head) === true) lines.push((lines.pop() ?? "") + event.text)
    else lines.push(head + event.text)
  }
  return lines
}
