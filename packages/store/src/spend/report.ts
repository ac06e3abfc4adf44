import { Lane, type SpendBy, type SpendRow } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import { fieldOf } from "../kpis/field.ts"
import { withDeadline } from "../redis/deadline.ts"
import { spendKey } from "./budget.ts"
import { readCells, type SpendKey } from "./cells.ts"

/** The names of a team's people, by their keys, as they last asked. */
const peopleKey = (team: string): string => `${teamFamily(team)}people`

/** Remembers what people are called who spend something. */
export const namePeople = async (
  { client }: Context,
  team: string,
  people: ReadonlyMap<string, string>,
): Promise<void> => {
  if (people.size > 0) await withDeadline(client.hset(peopleKey(team), Object.fromEntries(people)))
}

type Row = SpendKey & { team: string; name: string; cells: Record<string, number> }

/** What teams spent in a month, told apart by `by`, the dearest first. */
export const readSpend = async (
  context: Context,
  { teams, month, by }: { teams: readonly string[]; month: string; by: readonly SpendBy[] },
): Promise<SpendRow[]> => {
  const rows = (await Promise.all(teams.map(team => readTeam(context, team, month)))).flat()
  const told = new Set(by)
  const keyOf = (row: Row) =>
    fieldOf([
      told.has("team") ? row.team : "",
      told.has("lane") ? row.lane : "",
      told.has("repo") ? row.repo : "",
      told.has("person") ? row.person : "",
      told.has("model") ? row.model : "",
    ])
  return [...Map.groupBy(rows, keyOf).values()]
    .map(ofKey => rowOf(ofKey, told))
    .toSorted((a, b) => (b.costUsd ?? 0) - (a.costUsd ?? 0) || tokensOf(b) - tokensOf(a))
}

const readTeam = async (context: Context, team: string, month: string): Promise<Row[]> => {
  const [hash, names] = await Promise.all([
    withDeadline(context.client.hgetall(spendKey(team, month))),
    withDeadline(context.client.hgetall(peopleKey(team))),
  ])
  return [...readCells(hash).values()].map(row => ({ ...row, team, name: names[row.person] ?? row.person }))
}

const rowOf = (rows: readonly Row[], told: ReadonlySet<SpendBy>): SpendRow => {
  const sum = (cell: string) => rows.reduce((total, { cells }) => total + (cells[cell] ?? 0), 0)
  const [first] = rows
  const own = <Name extends "team" | "repo" | "model">(name: Name) =>
    told.has(name) && first !== undefined ? first[name] : null
  return {
    team: own("team"),
    lane: told.has("lane") ? Lane.parse(first?.lane) : null,
    repo: own("repo"),
    person: told.has("person") && first !== undefined ? { key: first.person, name: first.name } : null,
    model: own("model"),
    turns: sum("t"),
    inputTokens: sum("i"),
    cachedTokens: sum("c"),
    outputTokens: sum("o"),
    costUsd: sum("x") > 0 ? null : sum("u") / 1e6,
  }
}

const tokensOf = ({ inputTokens, outputTokens }: SpendRow): number => inputTokens + outputTokens
