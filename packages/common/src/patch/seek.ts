/** Lines to search in, with their simplified forms, each made when it is first needed. */
export type Haystack = { readonly length: number; view(level: number): readonly string[] }

const punctuation: Record<string, string> = {
  "‐": "-",
  "‑": "-",
  "‒": "-",
  "–": "-",
  "—": "-",
  "―": "-",
  "−": "-",
  "‘": "'",
  "’": "'",
  "‚": "'",
  "‛": "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "‟": '"',
}
const typographic = /[\u2010-\u2015\u2212\u2018-\u201f]/g
const oddSpace = /[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g

/** From strict to tolerant, as Codex's own: as it is, no trailing space, trimmed, typographic marks made plain. */
const levels: readonly ((line: string) => string)[] = [
  line => line,
  line => line.trimEnd(),
  line => line.trim(),
  line =>
    line
      .replace(oddSpace, " ")
      .replace(typographic, mark => punctuation[mark] ?? mark)
      .trim(),
]

/** Makes lines searchable. */
export function haystackOf(lines: readonly string[]): Haystack {
  const views: (readonly string[] | undefined)[] = [lines]
  return {
    length: lines.length,
    view: level => (views[level] ??= lines.map(levels[level] ?? (line => line))),
  }
}

/** Where the pattern's lines first stand together at or after `from`: the strictest level that finds any decides. */
export function seekLines(haystack: Haystack, pattern: readonly string[], from: number): number | null {
  for (const [level, simplify] of levels.entries()) {
    const found = indexOfLines(haystack.view(level), pattern.map(simplify), from)
    if (found !== null) return found
  }
  return null
}

/** Whether the pattern's lines stand at exactly this place, at any level. */
export function standsAt(haystack: Haystack, pattern: readonly string[], at: number): boolean {
  if (at < 0 || at + pattern.length > haystack.length) return false
  return levels.some((simplify, level) => {
    const view = haystack.view(level)
    return pattern.every((line, n) => view[at + n] === simplify(line))
  })
}

/** Knuth-Morris-Pratt over lines: a hostile patch on a file of equal lines costs no more than any other. */
function indexOfLines(lines: readonly string[], pattern: readonly string[], from: number): number | null {
  if (pattern.length === 0) return from
  const borders = bordersOf(pattern)
  let matched = 0
  for (let at = from; at < lines.length; at += 1) {
    while (matched > 0 && lines[at] !== pattern[matched]) matched = borders[matched - 1] ?? 0
    if (lines[at] === pattern[matched]) matched += 1
    if (matched === pattern.length) return at - matched + 1
  }
  return null
}

/** For each prefix of the pattern, the length of its longest proper border. */
function bordersOf(pattern: readonly string[]): number[] {
  const borders = [0]
  let length = 0
  for (let at = 1; at < pattern.length; at += 1) {
    while (length > 0 && pattern[at] !== pattern[length]) length = borders[length - 1] ?? 0
    if (pattern[at] === pattern[length]) length += 1
    borders.push(length)
  }
  return borders
}
