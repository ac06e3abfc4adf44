import { z } from "zod"
import { ApiError } from "./api-error.ts"
import { isCall } from "./conversation.ts"
import { newId } from "./planned.ts"
import type { Item } from "./script.ts"

const Steer = z.strictObject({
  type: z.literal("response.steer"),
  previous_response_id: z.string(),
  input: z.union([
    z.string(),
    z
      .array(
        z.strictObject({
          type: z.literal("message").optional(),
          role: z.literal("user"),
          content: z.unknown(),
        }),
      )
      .min(1),
  ]),
})

type Waiting = { id: string; parent: string; input: Item[]; event: Item }

/**
 * What a model makes of `response.steer`: it takes it; it refuses it, as older families do; its server is older still and does not know
 * the event; it takes the input and then cannot commit it to a successor; it takes it without a word (the acknowledgement was lost).
 */
export type SteeringSupport = "native" | "refused" | "unknown" | "uncommitted" | "silent"

/** Steering of one connection: input for a response that runs, applied at its next safe place. */
export type Steering = {
  /** Takes a `response.steer` event and sends what answers it. */
  submit(event: unknown, send: (event: Item) => unknown): void
  begin(response: string): void
  /** The response ended: input that must wait for tool results is said to be pending. */
  end(response: string, output: readonly Item[], send: (event: Item) => unknown): void
  /** Whether input waits for a running response. */
  waits(response: string): boolean
  /** The input of the successor that follows by itself; empty when there is none. */
  takeFollowing(response: string): Item[]
  /** The input to put before that of an explicit continuation. */
  takePending(response: string): Item[]
}

/** Steering with nothing waiting yet. */
export const makeSteering = (support: SteeringSupport): Steering => {
  const running = new Set<string>()
  const over = new Set<string>()
  const pending = new Set<string>()
  let waiting: Waiting[] = []
  const take = (response: string): Item[] => {
    const taken = waiting.filter(steer => steer.parent === response)
    waiting = waiting.filter(steer => steer.parent !== response)
    pending.delete(response)
    return taken.flatMap(steer => steer.input)
  }
  return {
    submit: (event, send) => {
      const parsed = Steer.safeParse(event)
      const parent = parsed.success ? parsed.data.previous_response_id : ""
      const code = !parsed.success ? "invalid_input" : refusal(support, { running, over }, parent)
      if (!parsed.success || code !== null) return void send(failedEvent(code ?? "invalid_input", event))
      const { input } = parsed.data
      const items = typeof input === "string" ? [{ type: "message", role: "user", content: input }] : input
      const steer = { id: newId("steer"), parent, input: items, event: event as Item }
      waiting.push(steer)
      if (support === "silent") return
      send({
        type: "response.steer.accepted",
        sequence_number: 0,
        steer: { id: steer.id, previous_response_id: parent },
      })
    },
    begin: response => void running.add(response),
    end: (response, output, send) => {
      running.delete(response)
      over.add(response)
      if (support === "uncommitted") {
        for (const { id, event } of waiting) send(failedEvent("successor_creation_failed", event, id))
        waiting = []
      }
      const owed = output.filter(isCall)
      if (owed.length === 0) return
      for (const steer of waiting.filter(candidate => candidate.parent === response)) {
        pending.add(response)
        send(pendingEvent(steer, owed))
      }
    },
    waits: response => waiting.some(steer => steer.parent === response),
    takeFollowing: response => (pending.has(response) ? [] : take(response)),
    takePending: take,
  }
}

type Responses = { running: ReadonlySet<string>; over: ReadonlySet<string> }

const refusal = (support: SteeringSupport, { running, over }: Responses, parent: string): string | null => {
  if (support === "unknown")
    throw new ApiError(400, "Unknown event type: response.steer", { code: "invalid_value", param: "type" })
  if (support === "refused") return "steering_not_supported"
  if (running.has(parent)) return null
  return over.has(parent) ? "response_already_completed" : "response_not_found"
}

/** The input comes back; without an id it was never taken. */
const failedEvent = (code: string, event: unknown, id?: string): Item => {
  const { previous_response_id, input } = event as Item
  return {
    type: "response.steer.failed",
    sequence_number: 0,
    error: { type: "invalid_request_error", code, message: `Steering failed: ${code}.` },
    steer: { previous_response_id, input, ...(id === undefined ? {} : { id }) },
  }
}

const pendingEvent = (steer: Waiting, owed: readonly Item[]): Item => ({
  type: "response.steer.pending",
  sequence_number: 0,
  reason: "waiting_for_required_input",
  required_input: owed.map(({ type, call_id, name }) =>
    type === "function_call"
      ? { type: "function_call_output", call_id, name }
      : { type: `${String(type)}_output`, call_id },
  ),
  steer: { id: steer.id, previous_response_id: steer.parent },
})
