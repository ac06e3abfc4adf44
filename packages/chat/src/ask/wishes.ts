import { readTime } from "@twolane/common/time-to-come"
import { maxCandidates } from "@twolane/protocol"

/** What a message may say of a task before its prompt, by words or by switches. Times are epoch ms. */
export type Wishes = {
  repo?: string
  lane?: "fast" | "deep"
  base?: string
  /** A pull request is opened once it succeeded. */
  pull?: true
  /** So many try it; or each by itself, with its model or its lane. */
  candidates?: number | readonly { lane?: "fast" | "deep"; model?: string }[]
  /** Tasks that must have succeeded first. */
  after?: readonly string[]
  notBefore?: number
  startBy?: number
}

/** Why a message was not understood, in words for its author. */
export class Unclear extends Error {}

/** A fast candidate against a deep one. */
export const race = [{ lane: "fast" }, { lane: "deep" }] as const

/** The candidates of a message, in words. */
export const candidatesWords = (candidates: NonNullable<Wishes["candidates"]>): string => {
  if (typeof candidates === "number") return `${candidates} candidates`
  if (candidates.some(({ lane }) => lane === "fast")) return "a race"
  return `candidates by ${candidates.map(({ model }) => model ?? "the lane's own model").join(", ")}`
}

/**
 * Keeps what a message says, once; `words` says it back.
 * @throws Unclear where it says two things
 */
export const say = <Field extends Exclude<keyof Wishes, "pull" | "after">>(
  wishes: Wishes,
  field: Field,
  value: NonNullable<Wishes[Field]>,
  words: (value: NonNullable<Wishes[Field]>) => string = String,
): void => {
  const before = wishes[field]
  if (before !== undefined && JSON.stringify(before) !== JSON.stringify(value))
    throw new Unclear(`It says both ${words(before)} and ${words(value)}: which ${asked[field]} shall it be?`)
  Object.assign(wishes, { [field]: value })
}

const asked: Readonly<Record<Exclude<keyof Wishes, "pull" | "after">, string>> = {
  repo: "repo",
  lane: "lane",
  base: "base",
  candidates: "of them",
  notBefore: "time",
  startBy: "time",
}

/**
 * What `--candidates` says: a number, or models with commas between.
 * @throws Unclear
 */
export const candidatesIn = (value: string): NonNullable<Wishes["candidates"]> => {
  const models = value.split(",").map(model => model.trim())
  const count = /^\d+$/.test(value) ? Number(value) : models.length
  if (count < 2 || count > maxCandidates || models.includes(""))
    throw new Unclear(
      `There can be 2 to ${maxCandidates} candidates: a number, or so many models with commas between, such as --candidates 3.`,
    )
  return /^\d+$/.test(value) ? count : models.map(model => ({ model }))
}

/**
 * The tasks that `--after` names, by ids or by links to their pages.
 * @throws Unclear
 */
export const tasksIn = (value: string): string[] =>
  value.split(",").map(part => {
    const id = /(?:^|\/)(task_[0-9a-z]{26})(?:[/?#]|$)/.exec(part)?.[1]
    if (id === undefined)
      throw new Unclear(
        `“${part.slice(0, 100)}” is no task: --after needs a task's id, or the link to its page.`,
      )
    return id
  })

/**
 * The time of a switch, seen from `now`: where somebody is who writes in a chat is not known.
 * @throws Unclear
 */
export const timeIn = (name: string, value: string, now: number): number => {
  const time = readTime(value, now, { zoned: true })
  if (time !== null) return time
  const zone = readTime(value, now) === null ? "" : " I do not know your time zone, so it must be said."
  throw new Unclear(
    `“${value.slice(0, 100)}” is no time for --${name}: it needs one such as 2h, 22:30Z or 2026-12-24T18:00+01:00.${zone}`,
  )
}
