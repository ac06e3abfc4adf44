import { readdirSync, readFileSync } from "node:fs"

/** How many processes of this machine have the mark in their command line. */
export const countMarked = (mark: string): number =>
  readdirSync("/proc").filter(name => /^\d+$/.test(name) && commandLine(name).includes(mark)).length

const commandLine = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
  } catch {
    // It ended while we looked.
    return ""
  }
}

/**
 * A shell line that says `ready` once it has started its processes, one of them in a session of its own, all with the mark; and again each
 * second, since live text is not kept for whoever came too late. The line itself does not hold the word, so that an echo of the line is not
 * taken for it.
 */
export const markedTree = (mark: string): string => {
  const sleeper = `bash -c 'sleep 1000; true' ${mark}`
  return `${sleeper} & setsid ${sleeper} & echo re''ady; (while sleep 1; do echo re''ady; done) & ${sleeper}`
}
