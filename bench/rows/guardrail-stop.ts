import { createStreamJudge } from "../../packages/agent/src/fast/stream-judge.ts"
import { type Child, startChild } from "../child.ts"
import { bodyOf, orderOf } from "../floors/ask-floor.ts"
import type { Cut } from "../floors/cut-on-sight.ts"
import { fiveRounds, inTurns, median, quantile, repeated } from "../measure.ts"
import type { BenchModel } from "../model/model-process.ts"
import type { Order } from "../model/order.ts"
import { type FastHouse, finish, openFastHouse } from "../ours/fast-house.ts"
import { freePolicy, type PatchShape, patchOf } from "../ours/patches.ts"
import { compare, type Line, type MeasureRow } from "../row.ts"
import { whileStreaming } from "../stream-client.ts"

const samples = 20
const overGoalMs = 5
const rate = 1_000

const mark = "*** Update File: .github/workflows/ci.yml\n"
const lines = Array.from({ length: 20 }, (_, index) => `+export const added${index} = ${index}\n`).join("")
/** What it would go on to write. */
const more = "+more\n".repeat(2_000)
const text = `*** Begin Patch\n*** Add File: packages/p0/src/added.ts\n${lines}${mark}@@\n-a\n${more}*** End Patch`
const order = () => orderOf({ tokens: 10, rate, patch: { text, mark } })

/** From the last byte that makes a patch break the rules, as it leaves the model, to the model's closed connection. */
export const run: MeasureRow = async ({ signal }) => {
  await using ours = await openFastHouse(signal)
  const { model } = ours
  await using floor = startChild<object>("floors/cut-on-sight.ts", { model: model.url })
  await floor.next(signal)
  const found = await inTurns(
    {
      floor: repeated(samples, () => cutOnSight(floor, model, order(), signal)),
      ours: repeated(samples, () => tripOurs(ours, order())),
    },
    fiveRounds(signal),
  )
  const p99 = { floor: quantile(found.floor, 0.99), ours: quantile(found.ours, 0.99) }
  const over = p99.ours - p99.floor
  const tail: Line = {
    what: `p99 of ${found.ours.length}`,
    unit: "ms",
    ...p99,
    ratio: null,
    goal: `floor + ${overGoalMs} ms`,
    ok: over <= overGoalMs,
  }
  const middle = { floor: median(found.floor), ours: median(found.ours) }
  return {
    lines: [
      tail,
      { what: "p50", unit: "ms", ...middle, ratio: null, goal: "reported", ok: null },
      ...(await perByte(signal)),
    ],
    profile: [`the slowest, ms: floor ${slowest(found.floor)}; ours ${slowest(found.ours)}`],
  }
}

const slowest = (of: readonly number[]): string =>
  of
    .toSorted((a, b) => b - a)
    .slice(0, 5)
    .map(ms => ms.toFixed(1))
    .join(", ")

const closedAfter = async (model: BenchModel, { id }: Order): Promise<number> => {
  const marked = await model.marked(id)
  const { at, how } = await model.ended(id)
  if (how !== "cut") throw new Error(`the patch was ${how}`)
  return at - marked
}

const cutOnSight = async (
  floor: Child<object>,
  model: BenchModel,
  asked: Order,
  signal: AbortSignal,
): Promise<number> => {
  const cut: Cut = { body: { ...bodyOf(asked), tools: [{ type: "custom", name: "apply_patch" }] }, mark }
  floor.send(cut)
  const tookMs = await closedAfter(model, asked)
  await floor.next(signal)
  return tookMs
}

const tripOurs = async (ours: FastHouse, asked: Order): Promise<number> => {
  const turn = await ours.begin(asked)
  const tookMs = await whileStreaming(turn, closedAfter(ours.model, asked))
  await finish(turn)
  return tookMs
}

/** The judge alone, fed token by token: a byte of a long patch must cost what a byte of a short one does, what is collected later included. */
const perByte = async (signal: AbortSignal): Promise<Line[]> => {
  const lines: Line[] = []
  for (const shape of ["lines", "hunks", "files"] as const) {
    const short = piecesOf(shape, 32 * 1024)
    const long = piecesOf(shape, 512 * 1024)
    const found = await inTurns(
      { floor: async () => costOf(short, 16), ours: async () => costOf(long, 1) },
      { warmUps: 2, rounds: 9, signal },
    )
    const costs = { floor: median(found.floor), ours: median(found.ours) }
    lines.push(compare(`a byte of 512 KiB of ${shape} against 16 × 32 KiB`, "ns", costs, { atMost: 1.5 }))
  }
  return lines
}

const piecesOf = (shape: PatchShape, bytes: number): string[] =>
  patchOf(shape, bytes).match(/[\s\S]{1,4}/g) ?? []

/** ns a byte of as many patches. */
const costOf = (pieces: readonly string[], patches: number): number => {
  const startedAt = performance.now()
  for (let patch = 0; patch < patches; patch += 1) {
    const judge = createStreamJudge({ policy: freePolicy(), files: new Map(), changed: [] })
    for (const piece of pieces) judge.push(piece)
  }
  return ((performance.now() - startedAt) * 1e6) / (patches * pieces.length * 4)
}
