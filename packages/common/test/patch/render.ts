import type { Hunk, HunkLine } from "../../src/patch/patch.ts"

/** The lines that turn one text into the other, by longest common subsequence (texts of a test are short). */
export function diffLines(before: string[], after: string[]): HunkLine[] {
  const common: number[][] = Array.from({ length: before.length + 1 }, () => Array(after.length + 1).fill(0))
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const row = common[i]
      if (row) row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  const lines: HunkLine[] = []
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ kind: "context", text: before[i++] ?? "" })
      j += 1
    } else if (j < after.length && (i === before.length || at(i, j + 1) > at(i + 1, j)))
      lines.push({ kind: "add", text: after[j++] ?? "" })
    else lines.push({ kind: "remove", text: before[i++] ?? "" })
  }
  return lines
}

/** Cuts a diff into hunks with some lines of context each. */
export function hunksOf(lines: HunkLine[], context: number): Pick<Hunk, "lines" | "endOfFile">[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - context), at + context + 1).some(line => line.kind !== "context"),
  )
  const hunks: Pick<Hunk, "lines" | "endOfFile">[] = []
  for (const [at, line] of lines.entries()) {
    if (!near[at]) continue
    if (at === 0 || !near[at - 1]) hunks.push({ lines: [], endOfFile: false })
    hunks.at(-1)?.lines.push(line)
  }
  const last = hunks.at(-1)
  if (last && near.at(-1)) last.endOfFile = true
  return hunks
}

const marks = { context: " ", add: "+", remove: "-" } as const

/** Writes an update section as a whole patch. */
export function renderUpdate(path: string, hunks: Pick<Hunk, "lines" | "endOfFile">[], eol = "\n"): string {
  const body = hunks.flatMap(hunk => [
    "@@",
    ...hunk.lines.map(line => marks[line.kind] + line.text),
    ...(hunk.endOfFile ? ["*** End of File"] : []),
  ])
  return ["*** Begin Patch", `*** Update File: ${path}`, ...body, "*** End Patch", ""].join(eol)
}
