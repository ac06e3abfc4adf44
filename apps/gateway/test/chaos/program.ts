/** What a turn's scripted model does, written into its prompt: `[chaos 17.1 p1 r2 w3]` is turn 1 of task 17 with three steps. */

/**
 * One step. `patch` adds a file, `run` adds a line to the task's journal, `slow` does so and goes on for a while,
 * `stay` does so and goes on until it is killed, `red` adds a file on which
 * the tests fail and `mend` takes it away, `done` calls the work done, `plan` states a plan for a person to allow.
 */
export type Step = { id: string; kind: keyof typeof kinds }

const kinds = {
  patch: "p",
  run: "r",
  slow: "w",
  stay: "s",
  red: "x",
  mend: "m",
  done: "d",
  plan: "q",
} as const

/** The turn of a task that a prompt is for, and its steps. */
export type Program = { task: number; turn: number; steps: Step[] }

const kindOf = (id: string): Step["kind"] => {
  const found = Object.entries(kinds).find(([, letter]) => id.startsWith(letter))
  if (found === undefined) throw new Error(`no step begins like ${id}`)
  return found[0] as Step["kind"]
}

/** Steps from kinds, each with an id of its own in the task. */
export const stepsOf = (turn: number, list: readonly Step["kind"][]): Step[] =>
  list.map((kind, index) => ({ kind, id: `${kinds[kind]}${turn}${index}` }))

/** The prompt that asks for a program. */
export const promptOf = ({ task, turn, steps }: Program): string =>
  `[chaos ${task}.${turn} ${steps.map(({ id }) => id).join(" ")}]`

/** The program that a text asks for: of several the newest turn's; null for none. */
export const programIn = (text: string): Program | null =>
  [...text.matchAll(/\[chaos (\d+)\.(\d+) ([a-z\d ]+)\]/g)]
    .map(([, task, turn, ids = ""]) => ({
      task: Number(task),
      turn: Number(turn),
      steps: ids.split(" ").map(id => ({ id, kind: kindOf(id) })),
    }))
    .reduce<Program | null>((newest, one) => (newest !== null && newest.turn > one.turn ? newest : one), null)

/** What a steering note asks for: one more patch. */
export const noteOf = (task: number, id: string): string => `[note ${task} ${id}]`

/** The steps that the steering notes in a text ask for. */
export const notesIn = (text: string): Step[] =>
  [...text.matchAll(/\[note \d+ (\w+)\]/g)].map(([, id = ""]) => ({ kind: "patch", id }))

/** Where a task's files lie in the repository. */
export const folderOf = (task: number): string => `t/${task}`

/** What a task's folder must hold when these steps were each done exactly once: paths and contents. */
export const treeOf = (task: number, steps: readonly Step[]): Record<string, string> => {
  const folder = folderOf(task)
  const tree: Record<string, string> = {}
  for (const { id, kind } of steps) {
    if (kind === "patch") tree[`${folder}/${id}.txt`] = `${id}\n`
    if (kind === "red") tree[`${folder}/red.txt`] = "red\n"
    if (kind === "mend") delete tree[`${folder}/red.txt`]
    if (kind === "run" || kind === "slow" || kind === "stay")
      tree[`${folder}/journal.txt`] = `${tree[`${folder}/journal.txt`] ?? ""}${id}\n`
  }
  return tree
}
