/** One word of a shell line, without its quotes, and where it stands. */
export type ShellWord = { text: string; from: number; to: number }

/** A shell line that is one plain command, or several joined by `&&`: the words of each. */
export type PlainLine = { commands: ShellWord[][] }

/**
 * Cuts a shell line into words. Null for a line that is more than plain commands (pipes, lists, redirections,
 * expansions that make words): nothing can be added to such a line without knowing what it does.
 */
export function plainLine(line: string): PlainLine | null {
  const commands: ShellWord[][] = [[]]
  let word: ShellWord | null = null
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? ""
    if (char === " " || char === "\t") {
      word = null
      continue
    }
    if (line.startsWith("&&", at)) {
      commands.push([])
      word = null
      at += 1
      continue
    }
    if (/[|&;<>()`\n\r#]/.test(char) || line.startsWith("$(", at)) return null
    if (!word) {
      word = { text: "", from: at, to: at }
      commands.at(-1)?.push(word)
    }
    const piece = quoted(line, at)
    if (piece === null) return null
    word.text += piece.text
    at = piece.last
    word.to = at + 1
  }
  return commands.every(words => words.length > 0) ? { commands } : null
}

/** One character, or a whole quoted piece, from a place on; null for a quote that is never closed. */
function quoted(line: string, at: number): { text: string; last: number } | null {
  const char = line[at] ?? ""
  if (char === "\\") return at + 1 < line.length ? { text: line[at + 1] ?? "", last: at + 1 } : null
  if (char !== "'" && char !== '"') return { text: char, last: at }
  let text = ""
  for (let next = at + 1; next < line.length; next += 1) {
    const inner = line[next] ?? ""
    if (inner === char) return { text, last: next }
    if (char === '"' && (inner === "`" || line.startsWith("$(", next))) return null
    if (char === '"' && inner === "\\" && /["\\$`]/.test(line[next + 1] ?? "")) next += 1
    text += line[next] ?? ""
  }
  return null
}

/** A word for a POSIX shell that stands for exactly this text. */
export const shellQuote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
