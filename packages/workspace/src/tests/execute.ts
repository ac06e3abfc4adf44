import { randomBytes } from "node:crypto"
import { stripVTControlCharacters } from "node:util"
import { gunzipSync } from "node:zlib"
import type { CommandResult } from "@twolane/agent"
import { instrument } from "./instrument.ts"
import { passUntil } from "./pass-until.ts"
import type { RawReport, TestReport } from "./reports/report.ts"
import type { TestRoom } from "./room.ts"
import { type Runner, reportVariable } from "./runners.ts"

/** A test command: a shell line, and the folder that it runs in. */
export type TestCommand = { line: string; folder: string }

/** What one run of a test command gave. `report` is null where there is none that can be read. */
export type TestRun = { result: CommandResult; runner: Runner | null; report: TestReport | null }

const maxReportBytes = 64 * 1024 ** 2

/** Runs a test command in a room, with a report where the runner is known; `onOutput` hears what people would see. */
export async function runTestCommand(
  room: TestRoom,
  command: TestCommand,
  options: { timeoutMs: number; onOutput?: (text: string) => void },
  signal: AbortSignal,
): Promise<TestRun> {
  const made = await instrument(command.line, command.folder, path => room.read(path, signal))
  const mark = `twolane-report-${randomBytes(12).toString("hex")}`
  const listen = options.onOutput && passUntil(`\n${mark}`, options.onOutput, made.runner?.shown)
  const result = await room.run(
    {
      command: made.runner ? wrapped(made.command, made.runner, mark) : made.command,
      timeoutMs: options.timeoutMs,
      ...(command.folder === "" ? {} : { workdir: command.folder }),
      ...(listen ? { onOutput: text => listen.push(text) } : {}),
    },
    signal,
  )
  listen?.end()
  const { output, raw } = cutReport(result.output, mark)
  const shown = made.runner?.shown ? made.runner.shown(raw?.text ?? output) : output
  const report = raw && made.runner ? made.runner.read(raw) : null
  return { result: { ...result, output: stripVTControlCharacters(shown) }, runner: made.runner, report }
}

/**
 * The report is written outside the tree, where the jail keeps nothing, and handed out packed behind the output: it
 * needs no folder that the service would have to read from.
 */
function wrapped(command: string, runner: Runner, mark: string): string {
  const { report } = runner
  const lines = [`d=$(mktemp -d) || exit 125`, `export ${reportVariable}="$d/report"`]
  if (report.by === "environment")
    lines.push(`export ${report.name}="\${${report.name}:+$${report.name} }${report.value}"`)
  if (report.by === "output")
    lines.push(
      `{ (\n${command}\n) 2>&1; echo $? > "$d/status"; } | tee "$${reportVariable}"`,
      `s=$(cat "$d/status")`,
    )
  else lines.push(`(\n${command}\n)`, "s=$?")
  lines.push(
    `if [ -s "$${reportVariable}" ]; then printf '\\n%s %s\\n' '${mark}' "$PWD"; gzip -c "$${reportVariable}" | base64 | tr -d '\\n'; fi`,
    'rm -rf "$d"',
    "exit $s",
  )
  return lines.join("\n")
}

function cutReport(output: string, mark: string): { output: string; raw: RawReport | null } {
  const at = output.lastIndexOf(`\n${mark} `)
  if (at < 0) return { output, raw: null }
  const [root = "", ...packed] = output.slice(at + mark.length + 2).split("\n")
  return { output: output.slice(0, at), raw: unpack(packed.join(""), root) }
}

function unpack(packed: string, root: string): RawReport | null {
  try {
    const bytes = gunzipSync(Buffer.from(packed, "base64"), { maxOutputLength: maxReportBytes })
    return { text: bytes.toString("utf8"), root }
  } catch {
    // Cut off by a limit of the output, or too large: no report.
    return null
  }
}
