import { endTurn, newId } from "@twolane/protocol"
import type { Attempt, RunTurn } from "@twolane/store"
import { untilStopped } from "../open-gateway.ts"

/** What turns do, by a word in their prompt: `wait` for a note, `ask` a person, or say something and succeed. */
export const runByWord: RunTurn = async attempt => {
  const prompt = attempt.state().turns.at(-1)?.prompt ?? ""
  if (prompt.includes("wait")) return untilSteered(attempt)
  if (prompt.includes("ask")) return askOnce(attempt)
  await attempt.write((state, at) => [
    { type: "message.done", text: "Done: *it* <!channel> & `x` @everyone.", turn: attempt.turn, at },
    ...endTurn(state, attempt.turn, { status: "succeeded" }, at),
  ])
}

const untilSteered = async (attempt: Attempt): Promise<void> => {
  while (!attempt.signal.aborted && attempt.state().steers.length === 0)
    await attempt.changed(attempt.signal).catch(() => {})
  if (attempt.signal.aborted) return untilStopped(attempt)
  const [steer] = attempt.state().steers
  await attempt.write((state, at) => [
    { type: "steer.applied", steer: steer?.steer ?? "", turn: attempt.turn, at },
    { type: "message.done", text: `As you say: ${steer?.prompt}`, turn: attempt.turn, at },
    ...endTurn(state, attempt.turn, { status: "succeeded" }, at),
  ])
}

const askOnce = async (attempt: Attempt): Promise<void> => {
  const decision = attempt.state().turns.at(-1)?.decisions.at(0)
  await attempt.write((state, at) =>
    decision === undefined
      ? [
          {
            type: "gate.opened",
            gate: newId("gate"),
            kind: "command",
            detail: "npm publish <!here>",
            turn: attempt.turn,
            at,
          },
        ]
      : endTurn(state, attempt.turn, { status: "succeeded" }, at),
  )
}
