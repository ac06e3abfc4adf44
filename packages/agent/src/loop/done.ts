import { gateKindOf, type Trip } from "@twolane/common/guardrails/trip"
import { userMessage } from "../items.ts"
import { askedOf, gravest, inWords, isHandOff, wasAllowed } from "../judge.ts"
import type { TestsResult } from "../ports.ts"
import { say } from "./conversation.ts"
import { runTests } from "./run-tests.ts"
import { saveTree } from "./save.ts"
import { isPlanning, type LoopEnd, record, stateOf, type Turn, tripEvents, trippedTooOften } from "./turn.ts"

/** What a judge of the finished work says: nothing in the way, the model was told something, or the turn ends. */
type Judgement = "clear" | "told" | LoopEnd

/**
 * The model called it done: the tests, then the guardrails on the whole change, say whether it is. Null: they told the model
 * something, and the loop goes on.
 */
export const whenDone = async (turn: Turn, message: string): Promise<LoopEnd | null> => {
  if (isPlanning(turn)) return { end: "gate", kind: "plan", detail: message, subject: {} }
  return judged(turn, message, [saveLeftovers, judgeTests, judgeChange])
}

/** A patch was applied and nothing else can have changed the tree: it is the finished work when what judges it agrees. */
export const whenPatched = (turn: Turn, message: string): Promise<LoopEnd | null> =>
  judged(turn, message, [judgeTests, judgeChange])

const judged = async (
  turn: Turn,
  message: string,
  judges: readonly ((turn: Turn) => Promise<Judgement>)[],
): Promise<LoopEnd | null> => {
  for (const judge of judges) {
    const judgement = await judge(turn)
    if (judgement === "told") return null
    if (judgement !== "clear") return judgement
  }
  return { end: "done", checkpoint: turn.checkpoint, message }
}

/** What a command left behind after the last checkpoint belongs to the change as well. */
const saveLeftovers = async (turn: Turn): Promise<Judgement> => {
  const { events, trips } = await saveTree(turn, "checkpoint.saved", true)
  if (trips.length > 0) say(turn.conversation, userMessage(refusal(trips)))
  await record(turn, events)
  return trippedTooOften(turn, trips) ?? (trips.length > 0 ? "told" : "clear")
}

const judgeTests = async (turn: Turn): Promise<Judgement> => {
  const { test, limits } = turn.plan
  if (test === "none" || turn.checkpoint === null) return "clear"
  if (turn.lastRed?.checkpoint === turn.checkpoint && turn.lastRed !== null) return standsBy(turn.lastRed)
  const result = await runTests(turn, test)
  if (result === null) return "told" // the note itself is what the next step begins with
  turn.lastRed = null
  if (result.status === "passed" || result.status === "flaky" || result.status === "none_selected")
    return "clear"
  const atBase = result.failuresAtBase.length
  const allAtBase = result.status === "failed" && atBase > 0 && atBase === result.failures.length
  turn.lastRed = { checkpoint: turn.checkpoint, allAtBase, summary: `${result.failed ?? "some"} failing` }
  const { cycles } = stateOf(turn)
  if (cycles >= limits.cycles)
    return {
      end: "outcome",
      outcome: { status: "limited", which: "cycles", detail: `${cycles} red test results` },
    }
  say(turn.conversation, userMessage(redInWords(result, allAtBase)))
  return "told"
}

/** The model was told of this red tree, changed nothing, and calls it done all the same. */
const standsBy = (red: NonNullable<Turn["lastRed"]>): Judgement => {
  if (red.allAtBase) return "clear"
  const detail = `the model called it done with ${red.summary} tests and would not go on`
  return { end: "outcome", outcome: { status: "failed", code: "tests-red", detail } }
}

const redInWords = (result: TestsResult, allAtBase: boolean): string => {
  const head =
    result.status === "timed_out"
      ? "The tests did not end in time"
      : result.status === "error"
        ? "The tests could not be run to their end"
        : "The tests are red"
  const old = result.failuresAtBase
  const note = allAtBase
    ? "\nAll of these fail without your change as well. Mend them if that belongs to the task; else end your turn and say so."
    : old.length > 0
      ? `\nThese fail without your change as well:\n${old.map(name => `- ${name}`).join("\n")}`
      : ""
  return `[${head}: ${result.command}]\n${result.output}${note}`
}

const judgeChange = async (turn: Turn): Promise<Judgement> => {
  const allowed = turn.ports.journal.state().turns.flatMap(({ decisions }) => decisions)
  const found = await turn.ports.judge.change(turn.checkpoint, turn.signal)
  const trips = found.filter(trip => !wasAllowed(trip, allowed))
  const verdict = gravest(trips)
  if (verdict === null || (verdict === "ask" && isAllowed(turn))) return "clear"
  if (verdict === "ask") {
    await record(turn, tripEvents(turn, trips))
    const subject = { checkpoint: turn.checkpoint, asked: askedOf(trips) }
    const handOff = isHandOff(trips) ? { handOff: true as const } : {}
    return { end: "gate", kind: gateKindOf(trips), detail: inWords(trips), subject, ...handOff }
  }
  say(
    turn.conversation,
    userMessage(`[The repository's guardrails refuse the change as it is.]\n${inWords(trips)}`),
  )
  await record(turn, tripEvents(turn, trips))
  return trippedTooOften(turn, trips) ?? "told"
}

/** Whether a person has allowed exactly this tree. */
const isAllowed = (turn: Turn): boolean =>
  stateOf(turn).decisions.some(
    ({ decision, subject }) => decision === "allow" && checkpointOf(subject) === turn.checkpoint,
  )

const checkpointOf = (subject: unknown): unknown =>
  typeof subject === "object" && subject !== null && "checkpoint" in subject ? subject.checkpoint : undefined

const refusal = (trips: readonly Trip[]): string =>
  `[The repository's guardrails refuse the change as it is.]\n${inWords(trips)}`
