import type { Task, TaskEvent } from "@twolane/protocol"
import { only, runGit } from "@twolane/testkit"
import { noteStep, type Story } from "./person.ts"
import { folderOf, type Step, treeOf } from "./program.ts"

/** What the mirrors hold of a task's work, and should not, or do not, and should. */
export const checkTree = async (
  story: Story,
  task: Task,
  log: readonly TaskEvent[],
  mirrors: readonly string[],
): Promise<string[]> => {
  const last = lastTree(log)
  const asked = askedOf(story, task, log)
  if (last === null) return asked.some(({ done }) => done) ? ["it succeeded, and saved nothing"] : []
  const found = await readTree(mirrors, last, folderOf(story.errand.task))
  if (found === null) return [`no mirror has its newest tree ${last}`]
  return compare(found, asked, story.errand.task)
}

/** The tree that the log names last; null when nothing was saved. */
export const lastTree = (log: readonly TaskEvent[]): string | null =>
  log.reduce<string | null>((last, event) => {
    if (event.type === "patch.applied" || event.type === "checkpoint.saved") return event.checkpoint
    return event.type === "change.ready" ? event.head : last
  }, null)

type Asked = { steps: Step[]; done: boolean }

/** The steps of each turn that ran, with the notes that it took in, and whether it did all of them. */
const askedOf = ({ errand }: Story, task: Task, log: readonly TaskEvent[]): Asked[] =>
  task.turns.map(({ id, status }, index) => {
    const notes = only(log, "steer.applied").filter(({ turn }) => turn === id)
    const steps = [...(errand.turns[index] ?? []), ...notes.map(() => noteStep(errand))]
    // A fast turn ends with the first green, whatever else its program says.
    return { steps, done: status === "succeeded" }
  })

/** Paths and contents below a folder, from whichever mirror has the commit. */
const readTree = async (
  mirrors: readonly string[],
  commit: string,
  folder: string,
): Promise<Record<string, string> | null> => {
  for (const mirror of mirrors) {
    const names = await runGit(mirror, ["ls-tree", "-r", "--name-only", commit, "--", folder]).catch(
      () => null,
    )
    if (names === null) continue
    const paths = names.split("\n").filter(name => name !== "")
    const texts = await Promise.all(paths.map(path => runGit(mirror, ["show", `${commit}:${path}`])))
    return Object.fromEntries(paths.map((path, index) => [path, `${texts[index]}\n`]))
  }
  return null
}

/** Each step has had its effect once or, in a turn that was cut short, not at all; nothing else is there. */
const compare = (found: Record<string, string>, asked: readonly Asked[], task: number): string[] => {
  const journal = `${folderOf(task)}/journal.txt`
  const red = `${folderOf(task)}/red.txt`
  const may = treeOf(
    task,
    asked.flatMap(({ steps }) => steps.filter(({ kind }) => kind !== "mend")),
  )
  const must = treeOf(
    task,
    asked.filter(({ done }) => done).flatMap(({ steps }) => steps),
  )
  const wrong: string[] = []
  for (const [path, text] of Object.entries(found)) {
    if (path === journal) wrong.push(...compareJournal(text, may[path] ?? "", must[path] ?? ""))
    else if (may[path] !== text) wrong.push(`${path} holds ${JSON.stringify(text)}`)
  }
  for (const path of Object.keys(must)) if (found[path] === undefined) wrong.push(`${path} is missing`)
  const last = asked.findLast(({ steps, done }) => done && steps.some(({ kind }) => kind === "mend"))
  if (last !== undefined && asked.at(-1) === last && found[red] !== undefined)
    wrong.push(`${red} was not mended`)
  return wrong
}

const compareJournal = (text: string, may: string, must: string): string[] => {
  const lines = (all: string) => all.split("\n").filter(line => line !== "")
  const there = lines(text)
  const allowed = lines(may)
  const inOrder = allowed.filter(line => there.includes(line))
  const wrong =
    inOrder.join() === there.join()
      ? []
      : [`the journal has ${there.join()} where ${allowed.join()} was asked`]
  const missing = lines(must).filter(line => !there.includes(line))
  return missing.length === 0 ? wrong : [...wrong, `the journal has no ${missing.join()}`]
}
