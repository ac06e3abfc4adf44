import { z } from "zod"
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

type Waiting = { id: string; parent: string; input: Item[] }

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

/** Steering with nothing waiting yet; a model that does not support it refuses all. */
export const makeSteering = (supported: boolean): Steering => {
  const running = new Set<string>()
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
      const code = !parsed.success ? "invalid_input" : refusal(supported, running, parent)
      if (!parsed.success || code !== null) return void send(failedEvent(code ?? "invalid_input", event))
      const { input } = parsed.data
      const items = typeof input === "string" ? [{ type: "message", role: "user", content: input }] : input
      const steer = { id: newId("steer"), parent, input: items }
      waiting.push(steer)
      send({
        type: "response.steer.accepted",
        sequence_number: 0,
        steer: { id: steer.id, previous_response_id: parent },
      })
    },
    begin: response => void running.add(response),
    end: (response, output, send) => {
      running.delete(response)
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

const refusal = (supported: boolean, running: ReadonlySet<string>, parent: string): string | null => {
  if (!supported) return "steering_not_supported"
  return running.has(parent) ? null : "response_not_active"
}

const failedEvent = (code: string, event: unknown): Item => {
  const { previous_response_id, input } = event as Item
  return {
    type: "response.steer.failed",
    sequence_number: 0,
    error: { type: "invalid_request_error", code, message: `Steering failed: ${code}.` },
    steer: { previous_response_id, input },
  }
}

const pendingEvent = (steer: Waiting, owed: readonly Item[]): Item => ({
  type: "response.steer.pending",
  sequence_number: 0,
  reason: "waiting_for_required_input",
  required_input: owed.map(item => ({ type: `${String(item.type)}_output`, call_id: item.call_id })),
  steer: { id: steer.id, previous_response_id: steer.parent },
})
