import type { TaskEvent } from "@twolane/protocol"
import { idFrom, readTraceparent, type TracePlace } from "./context.ts"
import type { PlainSpan } from "./span.ts"

type Of<Type extends TaskEvent["type"]> = Extract<TaskEvent, { type: Type }>

/** The attempt whose spans are wanted. `content`: with prompts, what the model said, and what tools were given and answered. */
export type AttemptWish = { task: string; turn: string; attempt: number; content: boolean }

/**
 * What an attempt did, as spans by OpenTelemetry's conventions for generative AI, from the facts of its log: the wait in the queue, the
 * agent's run, and below it each model call, each tool and each test run. Pure. Empty where the attempt did not begin.
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/
 */
export const spansOfAttempt = (events: readonly TaskEvent[], wish: AttemptWish): PlainSpan[] => {
  const turn = events.filter(event => event.turn === wish.turn)
  const queued = turn.filter(event => event.type === "turn.queued")
  const own = turn.filter(event => event.attempt === wish.attempt)
  const started = own.find(event => event.type === "turn.started")
  if (started === undefined) return []
  const asked = queued.find(event => event.again === undefined)
  const parent = readTraceparent(asked?.trace)
  const traceId = parent?.traceId ?? idFrom(wish.turn, 32)
  const place = (name: string): TracePlace => ({
    traceId,
    spanId: idFrom(`${wish.turn} ${wish.attempt} ${name}`, 16),
    sampled: parent?.sampled ?? true,
  })
  const run = place("run")
  const waiting = queued.findLast(event => turn.indexOf(event) < turn.indexOf(started))
  const shared = { "gen_ai.conversation.id": wish.task, "twolane.lane": started.lane }
  const below = (id: string, span: Omit<PlainSpan, "place" | "parent">): PlainSpan => ({
    ...span,
    place: place(id),
    parent: run,
    attributes: { ...shared, ...span.attributes },
  })
  return [
    {
      place: place("queue"),
      parent,
      name: `queue ${started.lane}`,
      kind: "CONSUMER",
      startedAt: Math.max(waiting?.at ?? started.at, waiting?.notBefore ?? 0),
      endedAt: started.at,
      attributes: { ...shared, "messaging.system": "twolane", "messaging.operation.type": "receive" },
    },
    runSpan(own, started, {
      place: run,
      parent,
      shared: { ...shared, "twolane.turn": wish.turn },
      prompt: wish.content ? asked?.prompt : undefined,
    }),
    ...own.flatMap(event => {
      const made = partOf(event, own, wish.content)
      return made === null ? [] : [below(event.id, made)]
    }),
  ]
}

const runSpan = (
  own: readonly TaskEvent[],
  started: Of<"turn.started">,
  {
    place,
    parent,
    shared,
    prompt,
  }: Pick<PlainSpan, "place" | "parent"> & {
    shared: PlainSpan["attributes"]
    prompt: string | undefined
  },
): PlainSpan => {
  const ended = own.find(event => event.type === "turn.ended")
  const failed = ended?.outcome.status === "failed" ? ended.outcome.code : undefined
  const usage = ended?.usage
  return {
    place,
    parent,
    name: `invoke_agent twolane-${started.lane}`,
    kind: "INTERNAL",
    startedAt: started.at,
    endedAt: own.at(-1)?.at ?? started.at,
    attributes: {
      ...shared,
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": `twolane-${started.lane}`,
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": started.model,
      "twolane.attempt": started.attempt,
      "twolane.outcome": ended?.outcome.status ?? "left",
      ...(usage === undefined
        ? {}
        : {
            "gen_ai.usage.input_tokens": usage.inputTokens,
            "gen_ai.usage.output_tokens": usage.outputTokens,
          }),
      ...(failed === undefined ? {} : { "error.type": failed }),
      ...(prompt === undefined ? {} : { "gen_ai.input.messages": messages("user", prompt) }),
    },
    ...(failed === undefined ? {} : { failed }),
  }
}

const messages = (role: "user" | "assistant", content: string): string =>
  JSON.stringify([{ role, parts: [{ type: "text", content }] }])

type Part = Omit<PlainSpan, "place" | "parent">

const partOf = (event: TaskEvent, own: readonly TaskEvent[], content: boolean): Part | null => {
  switch (event.type) {
    case "usage.reported":
      return chatSpan(event, own, content)
    case "tool.ended":
      return toolSpan(event, own, content)
    case "tests.ended":
      return testsSpan(event)
    default:
      return null
  }
}

const chatSpan = (event: Of<"usage.reported">, own: readonly TaskEvent[], content: boolean): Part => {
  const startedAt = event.at - event.durationMs
  const said = own.find(one => one.type === "message.done" && one.at >= startedAt && one.at <= event.at)
  return {
    name: `chat ${event.model}`,
    kind: "CLIENT",
    startedAt,
    endedAt: event.at,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": event.model,
      "gen_ai.usage.input_tokens": event.inputTokens,
      "gen_ai.usage.output_tokens": event.outputTokens,
      "gen_ai.usage.cache_read.input_tokens": event.cachedTokens,
      ...(event.ttftMs === null ? {} : { "gen_ai.response.time_to_first_chunk": event.ttftMs / 1_000 }),
      ...(event.costUsd === null ? {} : { "twolane.cost_usd": event.costUsd }),
      ...(content && said?.type === "message.done"
        ? { "gen_ai.output.messages": messages("assistant", said.text) }
        : {}),
    },
  }
}

const toolSpan = (event: Of<"tool.ended">, own: readonly TaskEvent[], content: boolean): Part => {
  const begun = own.find(one => one.type === "tool.started" && one.call === event.call)
  const given = content && begun?.type === "tool.started"
  return {
    name: `execute_tool ${event.tool}`,
    kind: "INTERNAL",
    startedAt: begun?.at ?? event.at - event.durationMs,
    endedAt: event.at,
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": event.tool,
      "gen_ai.tool.type": "function",
      "gen_ai.tool.call.id": event.call,
      ...(typeof event.exitCode === "number" ? { "process.exit.code": event.exitCode } : {}),
      ...(event.ok ? {} : { "error.type": "tool_error" }),
      ...(given ? { "gen_ai.tool.call.arguments": JSON.stringify(begun.input) } : {}),
      ...(content ? { "gen_ai.tool.call.result": event.output } : {}),
    },
    ...(event.ok ? {} : { failed: "the tool failed" }),
  }
}

const testsSpan = (event: Of<"tests.ended">): Part => ({
  name: "run_tests",
  kind: "INTERNAL",
  startedAt: event.at - event.durationMs,
  endedAt: event.at,
  attributes: {
    "twolane.tests.status": event.status,
    ...(event.passed === undefined ? {} : { "twolane.tests.passed": event.passed }),
    ...(event.failed === undefined ? {} : { "twolane.tests.failed": event.failed }),
  },
})
