import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import { readLog } from "../task/read.ts"
import type { Count } from "./counts.ts"
import { type Fact, factsOf, type Sample } from "./derive.ts"
import { fieldOf } from "./field.ts"
import { bucketOf } from "./histogram.ts"
import { cellsOfCount } from "./totals.ts"
import { resolutions } from "./windows.ts"

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
  const totals = fact.counts.map(count => withKnownModel(context, count)).flatMap(cellsOfCount)
  const args = [
    ref.task,
    fact.id,
    resolutions.length,
    amounts.length / 2,
    ...buckets,
    ...amounts,
    ...totals.flat(),
  ]
  await withDeadline(context.run("kpi-count", [teamFamily(ref.team)], args))
}

/** What stays for ever must stay bounded: a model that nobody configured, but a request named, is `other`. */
const withKnownModel = ({ models }: Context, count: Count): Count => {
  const { model } = count.labels
  if (model === undefined || models === null || models.has(model)) return count
  return { ...count, labels: { ...count.labels, model: "other" } }
}

/** `n` never, `c` cases, `h` hits, `b<bucket>` values. */
const cellsOf = (sample: Sample): [string, number][] => {
  if ("of" in sample)
    return [["c", sample.of] as [string, number], ["h", sample.hits] as [string, number]].filter(
      ([, amount]) => amount > 0,
    )
  return sample.value === null ? [["n", 1]] : [[`b${bucketOf(sample.value)}`, 1]]
}
