/** A line of a file and the mark that ends it; the last line has none. `"a\n"` is two lines, the second one empty. */
export type Line = { text: string; eol: "" | "\n" | "\r\n" }

/** Cuts a text into lines; `textOf` puts it together again byte for byte. */
export function linesOf(text: string): Line[] {
  const pieces = text.split("\n")
  const last = pieces.length - 1
  return pieces.map((piece, at): Line => {
    if (at === last) return { text: piece, eol: "" }
    return piece.endsWith("\r") ? { text: piece.slice(0, -1), eol: "\r\n" } : { text: piece, eol: "\n" }
  })
}

/** The text of lines. A line that was the last one, and no longer is, gets the file's own line end. */
export function textOf(lines: readonly Line[], eol: "\n" | "\r\n"): string {
  const last = lines.length - 1
  return lines.map((line, at) => (at === last ? line.text : line.text + (line.eol || eol))).join("")
}

/** The line end that most lines have; `\n` where it is even. */
export function lineEndOf(lines: readonly Line[]): "\n" | "\r\n" {
  let crlf = 0
  for (const { eol } of lines) crlf += eol === "\r\n" ? 1 : eol === "\n" ? -1 : 0
  return crlf > 0 ? "\r\n" : "\n"
}

/** How many lines a text has as people count them: a final newline ends a line and begins none. */
export function countLines(text: string): number {
  if (text === "") return 0
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0)
}
