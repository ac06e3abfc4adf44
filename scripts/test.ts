/** `npm test [-- vitest arguments]`: every test; ends with the line `N passed, N failed, N skipped`. */
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join, resolve } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { partEnvironment } from "../packages/common/src/index.ts"
import { type Counts, countedLine, countTests } from "./testing/counts.ts"
import { type LeftProcess, processesOf } from "./testing/leaks.ts"
import { prepareMachine } from "./testing/prepare-machine.ts"

const root = resolve(import.meta.dirname, "..")
/** Processes that are ending get this long to be gone. */
const endingMs = 15_000

const main = async (args: readonly string[]): Promise<number> => {
  if (!(await prepareMachine())) return 1

  const mark = `twl-t-${randomBytes(4).toString("hex")}`
  const folder = join("/tmp", mark)
  const reportPath = `${folder}.json`
  mkdirSync(folder)
  try {
    const code = await runVitest(args, { mark, folder, reportPath })
    const counts = withLeaks(
      withCrash(readCounts(reportPath), code),
      await leftProcesses(mark, folder),
      folder,
    )
    for (const problem of counts.problems) console.log(problem)
    console.log(countedLine(counts))
    return counts.failed === 0 && code === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
    rmSync(reportPath, { force: true })
  }
}

type Run = { mark: string; folder: string; reportPath: string }

const runVitest = async (
  args: readonly string[],
  { mark, folder, reportPath }: Run,
): Promise<number | null> => {
  const vitest = spawn(
    process.execPath,
    [
      join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${reportPath}`,
      ...args,
    ],
    { cwd: root, stdio: "inherit", env: testEnvironment(mark, folder) },
  )
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => vitest.kill(signal))
  const [code] = await once(vitest, "exit")
  return code
}

// A person's own settings must not change what the tests see.
const testEnvironment = (mark: string, folder: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(partEnvironment({ TMPDIR: folder, TEST_RUN: mark })).filter(
      ([name]) => !/^(?:TWOLANE_|OPENAI_|REDIS_URL$|LOG_LEVEL$|GIT_)/.test(name),
    ),
  )

const readCounts = (path: string): Counts => {
  try {
    return countTests(JSON.parse(readFileSync(path, "utf8")))
  } catch {
    return { passed: 0, failed: 1, skipped: 0, problems: ["vitest ended without a report"] }
  }
}

/** An error outside every test makes vitest fail, though each test passed. */
const withCrash = (counts: Counts, code: number | null): Counts =>
  code === 0 || counts.failed > 0
    ? counts
    : { ...counts, failed: 1, problems: [...counts.problems, `vitest ended with exit code ${code}`] }

const leftProcesses = async (mark: string, folder: string): Promise<LeftProcess[]> => {
  const until = Date.now() + endingMs
  for (;;) {
    const left = processesOf(mark, folder)
    if (left.length === 0 || Date.now() > until) return left
    await delay(100)
  }
}

const withLeaks = (counts: Counts, processes: readonly LeftProcess[], folder: string): Counts => {
  const left = [
    ...processes.map(({ pid, command }) => `left running: ${pid} ${command.slice(0, 200)}`),
    ...readdirSync(folder).map(name => `left behind: ${join(folder, name)}`),
  ]
  for (const { pid } of processes) process.kill(pid, "SIGKILL")
  return { ...counts, failed: counts.failed + left.length, problems: [...counts.problems, ...left] }
}

process.exitCode = await main(process.argv.slice(2))
