import { readFileSync } from "node:fs"

/** A tick of the kernel's accounting: 10 ms on every Linux that Node runs on. */
const tickMs = 10

/** How much CPU time a process has used, with its threads, in ms. */
export const cpuOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
  // The name, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}
