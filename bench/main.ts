/**
 * `npm run bench [row …]`: measures the rows (all by default) and prints them as a table; rows with a star must hold, and
 * one that misses its goal makes the exit code 1. After `--`: `--json` prints JSON, `--full` repeats as often as the
 * goals say, `--list` names the rows.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { misses, type RowReport, renderTable } from "./report.ts"
import { type RowEntry, rows } from "./rows.ts"

const root = new URL("..", import.meta.url)

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean" }, full: { type: "boolean" }, list: { type: "boolean" } },
  })
  if (values.list === true) {
    for (const row of rows) console.log(`${row.name}${row.mustHold ? " *" : ""}`)
    return 0
  }
  const chosen = positionals.length === 0 ? rows : positionals.map(named)
  useFolderOfItsOwn()
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
