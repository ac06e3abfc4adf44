import { setTimeout as sleep } from "node:timers/promises"
import type { Scene } from "../person.ts"

/** As long as Slack and Discord wait. */
const answerWithinMs = 3_000
const againMs = 300

/** A request as it goes over the wire. */
export type Signed = { body: string; headers: Record<string, string> }

/** Sends something until it is acknowledged, signed anew each time and under one id; answers which gateway took it. */
export const untilAcknowledged = async (
  { fleet: { gateways }, random, signal }: Pick<Scene, "fleet" | "random" | "signal">,
  path: string,
  sign: () => Signed,
): Promise<string> => {
  for (;;) {
    signal.throwIfAborted()
    const gateway = random.one(gateways)
    const within = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)])
    const status = await fetch(gateway + path, { method: "POST", ...sign(), signal: within }).then(
      answer => answer.status,
      () => 0,
    )
    if (status === 200) return gateway
    await sleep(againMs)
  }
}
