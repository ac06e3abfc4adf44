import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import { readLog } from "../task/read.ts"
import { type Fact, factsOf, type Sample } from "./derive.ts"
import { bucketOf } from "./histogram.ts"
import { resolutions } from "./windows.ts"

/** Where a sample is kept within a bucket of time: name, lane, repo, model, and which counter. */
export const fieldOf = (parts: readonly string[]): string =>
  parts.map(part => part.replaceAll("\t", " ")).join("\t")

/** Counts what a task's log says, each fact once; `ids` names the events that are new (absent: all of them). */
export const countFacts = async (
  context: Context,
  target: { ref: TaskRef; repo: string },
  ids?: ReadonlySet<string>,
): Promise<void> => {
  const log = await readLog(context, target.ref, "0-0")
  const facts = factsOf(log).filter(fact => ids === undefined || ids.has(fact.id))
  await Promise.all(facts.map(fact => countFact(context, target, fact)))
}

const countFact = async (
  context: Context,
  { ref, repo }: { ref: TaskRef; repo: string },
  fact: Fact,
): Promise<void> => {
  const buckets = resolutions.flatMap(({ name, stepMs, keepMs }) => [
    `${name}:${Math.floor(fact.at / stepMs)}`,
    keepMs,
  ])
  const amounts = fact.samples.flatMap(sample =>
    cellsOf(sample).flatMap(([cell, amount]) => [
      fieldOf([sample.name, fact.lane, repo, fact.model, cell]),
      amount,
    ]),
  )
  const args = [ref.task, fact.id, resolutions.length, ...buckets, ...amounts]
  await withDeadline(context.run("kpi-count", [teamFamily(ref.team)], args))
}

/** `n` never, `c` cases, `h` hits, `b<bucket>` values. */
const cellsOf = (sample: Sample): [string, number][] => {
  if ("of" in sample)
    return [["c", sample.of] as [string, number], ["h", sample.hits] as [string, number]].filter(
      ([, amount]) => amount > 0,
    )
  return sample.value === null ? [["n", 1]] : [[`b${bucketOf(sample.value)}`, 1]]
}
