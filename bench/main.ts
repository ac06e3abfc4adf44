/**
 * `npm run bench [row …]`: measures the rows (all by default) and prints them as a table; rows with a star must hold, and
 * one that misses its goal makes the exit code 1. After `--`: `--json` prints JSON, `--full` repeats as often as the
 * goals say, `--list` names the rows. `--check` asks another question, of a few short rows by default: whether a ratio has become twice as
 * bad as `--keep` last wrote it down; only that makes its exit code 1.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { keepRatios, type Regression, readKnownRatios, regressionsOf } from "./regression.ts"
import { misses, type RowReport, renderTable } from "./report.ts"
import { type RowEntry, rows } from "./rows.ts"

const root = new URL("..", import.meta.url)

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean" },
      full: { type: "boolean" },
      list: { type: "boolean" },
      check: { type: "boolean" },
      keep: { type: "boolean" },
    },
  })
  if (values.list === true) {
    for (const row of rows) console.log(`${row.name}${row.mustHold ? " *" : ""}`)
    return 0
  }
  const chosen = positionals.length === 0 ? rows : positionals.map(named)
  useFolderOfItsOwn()
  if (values.check === true)
    return check(positionals.length === 0 ? rows.filter(({ checked }) => checked) : chosen)
  if (values.keep === true) return keep(chosen)
  const reports: RowReport[] = []
  for (const row of chosen) reports.push(await measure(row, values.full ?? false))
  if (values.json === true) console.log(JSON.stringify({ ...circumstances(), rows: reports }, null, 2))
  else console.log(`${renderTable(reports)}\n\n${Object.values(circumstances()).join(", ")}; * must hold`)
  return reports.some(misses) ? 1 : 0
}

const named = (name: string): RowEntry => {
  const row = rows.find(each => each.name === name)
  if (row === undefined) throw new Error(`there is no row "${name}"; --list names them`)
  return row
}

const measure = async (row: RowEntry, full: boolean): Promise<RowReport> => {
  console.error(`${row.name} …`)
  const startedAt = performance.now()
  const over = AbortSignal.timeout(full ? row.limitMs * 10 : row.limitMs)
  const end = { name: row.name, mustHold: row.mustHold, tookMs: 0, result: null, failure: null }
  try {
    const { run } = await row.load()
    const result = await Promise.race([run({ full, signal: over }), rejectWhen(over)])
    return { ...end, tookMs: performance.now() - startedAt, result }
  } catch (error) {
    console.error(error)
    const failure = error instanceof Error ? error.message : String(error)
    return { ...end, tookMs: performance.now() - startedAt, failure: failure.split("\n")[0] ?? "" }
  }
}

/** A line has regressed when it is worse in each of some runs: a stall of the machine is in one of them. */
const mostRuns = 3

const check = async (chosen: readonly RowEntry[]): Promise<number> => {
  const known = readKnownRatios()
  let regressed = 0
  for (const row of chosen) {
    let worse: Regression[] | null = null
    for (let runs = 0; runs < mostRuns && worse?.length !== 0; runs += 1) {
      const now = regressionsOf(await measure(row, false), known)
      const before: Regression[] = worse ?? now
      worse = now.filter(({ line }) => before.some(each => each.line === line))
    }
    for (const { line, known: was, now } of worse ?? [])
      console.log(`${line} is ${now.toFixed(2)} ×, and was ${was} × when it was kept`)
    regressed += worse?.length ?? 0
  }
  const names = chosen.map(({ name }) => name).join(", ")
  console.log(
    regressed === 0 ? `No ratio has become twice as bad: ${names}` : `${regressed} ratios are worse`,
  )
  return regressed === 0 ? 0 : 1
}

const keep = async (chosen: readonly RowEntry[]): Promise<number> => {
  const reports: RowReport[] = []
  for (let runs = 0; runs < mostRuns; runs += 1)
    for (const row of chosen) reports.push(await measure(row, false))
  keepRatios(reports)
  console.log(renderTable(reports))
  return reports.some(({ failure }) => failure !== null) ? 1 : 0
}

/** A row that hangs is left behind; what it opened ends with this process. */
const rejectWhen = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("it took longer than its limit")), { once: true })
  })

/** All temporary folders lie in one (below `TMPDIR`: the disk that is measured), which goes with this process however it ends. */
const useFolderOfItsOwn = (): void => {
  const folder = mkdtempSync(join(tmpdir(), "twl-bench-"))
  process.env.TMPDIR = folder
  process.on("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130))
}

const circumstances = () => ({
  date: new Date().toISOString(),
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim(),
  machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "CPU"}`,
  node: `Node ${process.version}`,
})

process.exit(await main())
