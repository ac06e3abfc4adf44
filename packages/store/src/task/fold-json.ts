import { branchOf, noUsage, type TaskState, type TurnState } from "@twolane/protocol"
import { fromJson } from "../context.ts"

/**
 * The fold as Redis keeps it: what has not come about yet, and what follows from the rest, is left out. A waiting task's takes half the
 * space so, in memory, on disk and on its way; one that was written whole reads the same.
 */
export const encodeFold = (state: TaskState): string => {
  const { turns, ...rest } = state
  const whole = JSON.stringify(without(rest, taskDefaults(state.id)))
  const usual = turnDefaults(state)
  // An object is never empty here: a task has an id.
  return `${whole.slice(0, -1)},"turns":[${turns.map(turn => encodeTurn(turn, usual)).join(",")}]}`
}

/** An event changes one turn of a task that may have hundreds: the others are the same objects, and their text is known. */
const encoded = new WeakMap<TurnState, string>()

const encodeTurn = (turn: TurnState, usual: TurnDefaults): string => {
  const known = encoded.get(turn)
  if (known !== undefined) return known
  const text = JSON.stringify(without(turn, usual))
  encoded.set(turn, text)
  return text
}

/** Reads a fold that `encodeFold` wrote, or that an older version wrote whole. */
export const decodeFold = (json: string): TaskState => {
  const kept = fromJson<Kept>(json)
  const turns: TurnState[] = []
  const state: TaskState = { ...taskDefaults(kept.id), ...kept, turns }
  for (const turn of kept.turns) turns.push({ ...turnDefaults(state), ...turn })
  return state
}

type TaskDefaults = ReturnType<typeof taskDefaults>
type TurnDefaults = ReturnType<typeof turnDefaults>
type Lean<Whole, Defaults> = Omit<Whole, keyof Defaults> & Partial<Whole>
type Kept = Omit<Lean<TaskState, TaskDefaults>, "turns"> & { turns: Lean<TurnState, TurnDefaults>[] }

const taskDefaults = (id: string) =>
  ({
    labels: [],
    priority: "normal",
    baseRef: null,
    base: null,
    branch: branchOf(id),
    pushed: null,
    attempt: 0,
    attemptOpen: false,
    checkpoint: null,
    review: "none",
    usage: noUsage,
    gates: [],
    steers: [],
  }) satisfies Partial<TaskState>

const turnDefaults = ({ prompt, by, createdAt }: TaskState) =>
  ({
    prompt,
    by,
    options: {},
    from: "checkpoint",
    attempts: 0,
    queuedAt: createdAt,
    usage: noUsage,
    runningMs: 0,
    lostInRow: 0,
    retries: 0,
    trips: {},
    cycles: 0,
    startCheckpoint: null,
    decisions: [],
    planAllowed: false,
  }) satisfies Partial<TurnState>

const without = (record: object, defaults: Record<string, unknown>): Record<string, unknown> => {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(record)) {
    const usual = defaults[name]
    if (value !== usual && !(isEmpty(value) && isEmpty(usual))) kept[name] = value
  }
  return kept
}

/** Whether it is a list or record with nothing in it. */
const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0
