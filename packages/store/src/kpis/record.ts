import type { Actor } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import { keepBudget } from "../spend/budget.ts"
import { cellsOfSpend } from "../spend/cells.ts"
import { monthOf } from "../spend/month.ts"
import { namePeople } from "../spend/report.ts"
import type { Write } from "../task/append.ts"
import { readEnd, readLog } from "../task/read.ts"
import type { Count } from "./counts.ts"
import { type Fact, factsOf, isEnough, type Sample } from "./derive.ts"
import { fieldOf } from "./field.ts"
import { bucketOf } from "./histogram.ts"
import { cellsOfCount } from "./totals.ts"
import { resolutions } from "./windows.ts"

/** What is counted: a task of a repo. */
type Target = { ref: TaskRef; repo: string }

/** One fact as `kpi-count` takes it. */
type FactRow = readonly (string | number)[]

/** It, and who spent something by it. */
type Told = { row: FactRow; by: Actor | undefined }

/** Counts what the events of some writes say, each fact once. */
export const countWrites = async (context: Context, writes: readonly Write[]): Promise<void> => {
  const teams = Map.groupBy(writes, ({ ref }) => ref.team)
  await Promise.all(
    [...teams].map(async ([team, ofTeam]) => {
      const rows = await Promise.all(
        ofTeam.map(({ ref, after, events }) =>
          readFacts(context, { ref, repo: after.repo }, new Set(events.map(({ id }) => id))),
        ),
      )
      await sendFacts(context, team, rows.flat())
    }),
  )
}

/** Counts what a task's whole log says, each fact once. */
export const countFacts = async (context: Context, target: Target): Promise<void> => {
  await sendFacts(context, target.ref.team, await readFacts(context, target))
}

/** Reads what a task's log says; `ids` names the events that are new (absent: all of them). */
const readFacts = async (context: Context, target: Target, ids?: ReadonlySet<string>): Promise<Told[]> => {
  const log =
    ids === undefined
      ? await readLog(context, target.ref, "0-0")
      : await readEnd(context, target.ref, tail => isEnough(tail, ids))
  return factsOf(log, ids).map(fact => ({ row: rowOf(context, target, fact), by: fact.spend?.by }))
}

/** Adds facts of a team to its KPIs and metrics, those that were not counted before. */
const sendFacts = async (context: Context, team: string, told: readonly Told[]): Promise<void> => {
  if (told.length === 0) return
  const rows = told.flatMap(({ row }) => row)
  await withDeadline(context.run("kpi-count", [teamFamily(team)], [told.length, ...rows]))
  const people = told.flatMap(({ by }) => (by === undefined ? [] : [[by.key, by.name] as const]))
  if (people.length === 0) return
  await namePeople(context, team, new Map(people))
  await keepBudget(context, team)
}

const rowOf = (context: Context, { ref, repo }: Target, fact: Fact): FactRow => {
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
  const spend = fact.spend === undefined ? [] : cellsOfSpend(fact.spend, { lane: fact.lane, repo })
  const counts = [resolutions.length, amounts.length / 2, totals.length, spend.length]
  const month = monthOf(fact.at)
  return [ref.task, fact.id, ...counts, month, ...buckets, ...amounts, ...totals.flat(), ...spend.flat()]
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
