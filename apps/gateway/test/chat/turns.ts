import { endTurn, newId } from "@twolane/protocol"
import type { Attempt, RunTurn } from "@twolane/store"
import { untilStopped } from "../open-gateway.ts"

/** What a turn says that talks at `length`: more than a message of any platform takes. */
export const longWords = Array.from(
  { length: 900 },
  (_, line) => `Line ${line}: *it* <!channel> @everyone.`,
).join("\n")

/** What turns do, by a word in their prompt: `wait` for a note, `ask` a person, `change` a file, `fail`, talk at `length`, or say something and succeed. */
export const runByWord: RunTurn = async attempt => {
  const prompt = attempt.state().turns.at(-1)?.prompt ?? ""
  if (prompt.includes("wait")) return untilSteered(attempt)
  if (prompt.includes("ask")) return askOnce(attempt)
  if (prompt.includes("change")) return change(attempt)
  if (prompt.includes("fail")) return fail(attempt)
  const text = prompt.includes("length") ? longWords : "Done: *it* <!channel> & `x` @everyone."
  await attempt.write((state, at) => [
    { type: "message.done", text, turn: attempt.turn, at },
    ...endTurn(state, attempt.turn, { status: "succeeded" }, at),
  ])
}

const fail = async (attempt: Attempt): Promise<void> => {
  await attempt.write((state, at) =>
    endTurn(state, attempt.turn, { status: "failed", code: "tests-red" }, at),
  )
}

/** A commit of its own for each turn. */
const change = async (attempt: Attempt): Promise<void> => {
  const { turn } = attempt
  const base = attempt.state().baseAtSubmit ?? ""
  const head = `${attempt.attempt}`.repeat(40)
  await attempt.write((state, at) => [
    { type: "workspace.ready", base, from: base, durationMs: 1, setup: "none", turn, at },
    { type: "change.ready", branch: state.branch, base, head, files: 1, added: 1, removed: 0, turn, at },
    ...endTurn(state, turn, { status: "succeeded" }, at),
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
