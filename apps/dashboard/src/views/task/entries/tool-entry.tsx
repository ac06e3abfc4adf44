import { Ansi } from "../../../ui/ansi.tsx"
import { Fold } from "../../../ui/fold.tsx"
import { Elapsed } from "../../../ui/time.tsx"
import { visible } from "../../../ui/visible.ts"
import { durationWords } from "../../../ui/words.ts"
import type { Entry } from "../timeline/entries.ts"

/** A call of a tool on one line; it opens to what was asked and what came. One that is being written, or runs, shows its live text. */
export const ToolEntry = ({ entry }: { entry: Extract<Entry, { kind: "tool" }> }) => {
  const { tool, input, output, end, asked } = entry
  const { head, body } = inputWords(tool, input)
  return (
    <div data-entry="tool" data-tool={tool}>
      <Fold
        open={end === undefined && asked !== true}
        summary={
          <>
            <span className="shrink-0 font-mono text-muted text-sm">
              {tool === "" ? writingWords(output) : tool}
            </span>
            <span className="min-w-0 flex-1 truncate font-mono text-sm">{visible(head)}</span>
            <span className="shrink-0 text-sm tabular-nums">
              <ToolState {...entry} />
            </span>
          </>
        }
      >
        {() => (
          <div className="space-y-2">
            {body !== "" && (
              <pre className="max-h-80 overflow-auto whitespace-pre-wrap break-words rounded-md border border-line p-3 font-mono text-sm">
                {visible(body)}
              </pre>
            )}
            {output !== "" && (
              <div className="max-h-96 overflow-y-auto">
                <Ansi output={output} />
              </div>
            )}
            {end?.truncated === true && (
              <p className="text-faint text-sm">The middle of the output was left out.</p>
            )}
          </div>
        )}
      </Fold>
    </div>
  )
}

/** What is being written, as far as its beginning tells. */
const writingWords = (written: string): string =>
  written.slice(0, 60).includes("*** Begin Patch") ? "writing a patch" : "writing"

const ToolState = ({ end, asked, at }: Extract<Entry, { kind: "tool" }>) => {
  if (end === undefined && asked === true) return <span className="text-warn">waits for the answer</span>
  if (end === undefined)
    return (
      <span className="text-accent">
        <Elapsed since={at} />
      </span>
    )
  const code =
    end.exitCode === undefined || end.exitCode === null || end.exitCode === 0 ? "" : `exit ${end.exitCode} · `
  return (
    <span className={end.ok ? "text-faint" : "text-bad"}>
      {end.ok ? code : `${code === "" ? "failed · " : code}`}
      {durationWords(end.durationMs)}
    </span>
  )
}

/** The line that names a call, and what is shown when it opens. */
const inputWords = (tool: string, input: unknown): { head: string; body: string } => {
  const field = (name: string): string | null => {
    const value = typeof input === "object" && input !== null ? Reflect.get(input, name) : undefined
    return typeof value === "string" ? value : null
  }
  const main = field("command") ?? field("path") ?? field("pattern") ?? field("query")
  if (main !== null) return { head: main, body: main.includes("\n") ? main : "" }
  const patch = field("input") ?? (typeof input === "string" ? input : null)
  if (tool === "apply_patch" && patch !== null) return { head: patchHead(patch), body: patch }
  if (input === null || input === undefined) return { head: "", body: "" }
  const json = typeof input === "string" ? input : JSON.stringify(input, null, 2)
  return { head: json.replaceAll(/\s+/g, " ").slice(0, 200), body: json }
}

const patchHead = (patch: string): string =>
  [...patch.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm)].map(([, path]) => path).join(", ")
