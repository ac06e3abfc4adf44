import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { partEnvironment } from "@twolane/common"
import { nodeProgram } from "./part.ts"
import { projectRoot } from "./root.ts"

/** The dashboard's own build: it compares a hash of the sources with what is there, and puts a new page in place whole. */
const program = "apps/dashboard/build/main.ts"
/** A build takes seconds; one that hangs must not hold up a start for ever. */
const buildMs = 120_000
/** A check alone is shorter: then nothing needs to be said. */
const saySoonMs = 1_500

/**
 * Builds the page when it is not there or older than its sources. A build that fails is one line; the API works without a page, and `/`
 * says what is wrong.
 */
export const buildPage = async (say: (line: string) => void, signal: AbortSignal): Promise<void> => {
  if (!existsSync(join(projectRoot, program))) return
  const child = spawn(nodeProgram(), [program, "--if-needed"], {
    cwd: projectRoot,
    env: partEnvironment({}),
    // A session of its own, as the parts have: Ctrl-C reaches the supervisor alone.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  })
  const lines: string[] = []
  createInterface({ input: child.stderr }).on("line", line => {
    if (line.trim() !== "" && lines.length < 50) lines.push(line)
  })
  const kill = () => void child.kill("SIGKILL")
  const timers = [
    setTimeout(() => say("Building the page; this takes a few seconds …"), saySoonMs),
    setTimeout(kill, buildMs),
  ]
  signal.addEventListener("abort", kill, { once: true })
  try {
    const [code] = (await once(child, "exit")) as [number | null]
    if (code !== 0 && !signal.aborted)
      say(`The page could not be built (the API works without): ${why(lines, code)}`)
  } catch (error) {
    say(`The page could not be built (the API works without): ${String(error)}`)
  } finally {
    for (const timer of timers) clearTimeout(timer)
    signal.removeEventListener("abort", kill)
  }
}

/** What Node says of an error begins with where it was thrown. */
const why = (lines: readonly string[], code: number | null): string =>
  lines.find(line => /^\w*Error\b|^\[/.test(line)) ??
  lines.at(-1) ??
  (code === null ? `it did not end within ${buildMs / 1_000} s` : `exit code ${code}`)
