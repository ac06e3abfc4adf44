import { readdirSync, readFileSync, readlinkSync } from "node:fs"

/** A process that should have ended. */
export type LeftProcess = { pid: number; command: string }

/**
 * Processes that belong to a test run: they inherited its mark in their environment, work in its temporary folder, or name it on their
 * command line (a Redis does, and a jail). Empty where there is no /proc.
 */
export const processesOf = (mark: string, folder: string): LeftProcess[] => {
  try {
    return readdirSync("/proc")
      .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter(
        pid =>
          [read(pid, "environ"), read(pid, "cmdline")].some(
            text => text.includes(mark) || text.includes(folder),
          ) || cwdOf(pid).startsWith(folder),
      )
      .map(pid => ({ pid: Number(pid), command: read(pid, "cmdline").replaceAll("\0", " ").trim() }))
      .filter(({ command }) => command !== "") // a zombie has none: it has ended
  } catch {
    return [] // no /proc here
  }
}

const read = (pid: string, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8")
  } catch {
    return "" // ended meanwhile, or another user's
  }
}

const cwdOf = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return "" // as above
  }
}
