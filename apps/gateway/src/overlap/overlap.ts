import { globMatcher } from "@twolane/common/guardrails/glob"
import { lastTurn, type Overlap, type TaskState } from "@twolane/protocol"

/** What a task touched, and what it says that it will. */
export type Reach = {
  /** Null for one that is not there yet. */
  task: string | null
  /** Its group, whose other candidates work on the same by design. */
  group?: string
  touched: readonly string[]
  scope: readonly string[]
  /** Paths that stand in it count, before anything was touched. */
  prompt: string
}

const maxPaths = 20
const maxTasks = 10

/** The reach of a task as its log has it; once it touched something, its prompt says no more. */
export const reachOf = (state: TaskState): Reach => {
  const touched = state.touched ?? []
  const turn = lastTurn(state)
  const prompt = touched.length === 0 ? (turn?.prompt ?? "") : ""
  const group = state.group === undefined ? {} : { group: state.group.id }
  return { task: state.id, ...group, touched, scope: turn?.options.scope ?? [], prompt }
}

/** The tasks at work that touched files which this one touched, or may touch by its scope or its prompt; and the other way round. */
export const overlapsOf = (mine: Reach, others: readonly TaskState[]): Overlap[] => {
  const reaches = reacher(mine)
  return others
    .filter(({ id, group }) => id !== mine.task && (group === undefined || group.id !== mine.group))
    .flatMap((other): Overlap[] => {
      const theirs = reachOf(other)
      const paths = [...theirs.touched.filter(reaches), ...mine.touched.filter(reacher(theirs))]
      const shared = [...new Set(paths)].toSorted().slice(0, maxPaths)
      return shared.length === 0 ? [] : [{ task: other.id, title: other.title, paths: shared }]
    })
    .slice(0, maxTasks)
}

const reacher = ({ touched, scope, prompt }: Reach): ((path: string) => boolean) => {
  const known = new Set(touched)
  const inScope = scope.length === 0 ? () => false : globMatcher(scope)
  return path => known.has(path) || inScope(path) || isNamed(prompt, path)
}

/** Whether a text names a path, and not a longer one that ends or begins with it. */
const isNamed = (text: string, path: string): boolean => {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
    const before = text[at - 1] ?? " "
    const after = text[at + path.length] ?? " "
    if (!/[\w/-]/.test(before) && !/[\w/-]/.test(after)) return true
  }
  return false
}
