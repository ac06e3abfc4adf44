import { readdirSync, readFileSync, readlinkSync } from "node:fs"

/** Looks at what runs on this machine, and finds two jails that run commands of one task at once. */
export type JailWatch = Disposable & {
  violations: string[]
  /** How many jails with a command were seen. */
  seen: () => number
  /** The jails that run now, by task. */
  now: () => Map<string, Set<string>>
}

/** What the commands of a run are known by, with their task's number behind it, and a candidate's model: another run on this machine has tasks of the same numbers. */
export const jailMark = `chaos-mark-${process.pid}-`

const marked = new RegExp(`${jailMark}(\\d+(?:\\.\\w+)?)`)
const lookEveryMs = 100

/** Begins to look. Two jails count as overlapping when both were there at two looks one after another. */
export const watchJails = (): JailWatch => {
  const violations: string[] = []
  const everSeen = new Set<string>()
  let before = new Map<string, Set<string>>()
  const look = () => {
    const found = findJails()
    for (const [task, jails] of found) {
      for (const jail of jails) everSeen.add(jail)
      const still = [...jails].filter(jail => before.get(task)?.has(jail) === true)
      if (still.length > 1) violations.push(`commands of task ${task} ran in ${still.length} jails at once`)
    }
    before = found
  }
  const timer = setInterval(look, lookEveryMs)
  return {
    violations,
    seen: () => everSeen.size,
    now: findJails,
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

const findJails = (): Map<string, Set<string>> => {
  const found = new Map<string, Set<string>>()
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue
    const task = marked.exec(commandOf(pid))?.[1]
    if (task === undefined) continue
    const jail = namespaceOf(pid)
    if (jail !== "") found.set(task, (found.get(task) ?? new Set()).add(jail))
  }
  return found
}

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
  } catch {
    return "" // it ended meanwhile
  }
}

const namespaceOf = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return "" // as above
  }
}
