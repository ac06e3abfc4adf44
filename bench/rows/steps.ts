import type { TaskEvent } from "@twolane/protocol"
import { call, type House, type Script, say } from "@twolane/testkit"
import { median } from "../measure.ts"
import { benchRepo, openHouse } from "../ours/house.ts"
import { watchTask } from "../ours/watch-task.ts"
import { absolute, compare, type MeasureRow } from "../row.ts"

const turns = 5
const steps = 150
/** How many steps at the turn's start and end are compared. */
const share = 40
const goalMs = 3

/** What a step costs beside the model's own time, and whether that grows with the history. */
export const run: MeasureRow = async ({ signal }) => {
  await using opened = await openHouse({ script: plans })
  const first: number[] = []
  const last: number[] = []
  const all: number[] = []
  const model: number[] = []
  for (let turn = 0; turn < turns + 1; turn += 1) {
    const calls = await modelCalls(opened.house, signal)
    if (turn === 0) continue // the warm-up
    first.push(overhead(calls.slice(0, share)))
    last.push(overhead(calls.slice(-share)))
    all.push(overhead(calls))
    model.push(...calls.slice(1).map(({ durationMs }) => durationMs))
  }
  const line = { ...absolute("beside the model's time", median(all), goalMs), floor: median(model) }
  const flat = compare(
    `the last ${share} of ${steps} against the first`,
    "ms",
    { floor: median(first), ours: median(last) },
    { atMost: 1.3 },
  )
  return {
    lines: [line, flat],
    profile: ["the floor of the first line is the model double's own time for one call"],
  }
}

/** Calls the cheapest tool so often, each time with another input, then ends. */
const plans: Script = ({ items }) => {
  const done = items.filter(item => item.type === "function_call").length
  if (done >= steps) return say("Done.")
  return call(["update_plan", { plan: [{ step: `step ${done}`, status: "in_progress" }] }])
}

type ModelCall = { at: number; durationMs: number }

const modelCalls = async (house: House, signal: AbortSignal): Promise<ModelCall[]> => {
  const made = await house.call("POST", "/v1/tasks", {
    repo: benchRepo,
    lane: "deep",
    prompt: "plan",
    test: "none",
  })
  if (made.status !== 202) throw new Error(`the task was refused: ${made.text}`)
  const { id } = made.body as { id: string }
  using watched = await watchTask(house, id, signal)
  const found: ModelCall[] = []
  const event = await watched.until(each => {
    if (each.type === "usage.reported") found.push({ at: each.at, durationMs: each.durationMs })
    return each.type === "turn.ended"
  })
  const { outcome } = event as TaskEvent & { type: "turn.ended" }
  if (outcome.status !== "succeeded") throw new Error(`the turn ended ${JSON.stringify(outcome)}`)
  return found
}

/** From one call's end to the next one's, without the next one's own time: mean ms a step. */
const overhead = (calls: readonly ModelCall[]): number => {
  const [begin, ...rest] = calls
  const end = rest.at(-1)
  if (begin === undefined || end === undefined) throw new Error("the turn had too few steps")
  const ofModel = rest.reduce((sum, { durationMs }) => sum + durationMs, 0)
  return (end.at - begin.at - ofModel) / rest.length
}
