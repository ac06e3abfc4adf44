import { languageOf, type TestLanguage } from "./languages.ts"

/** What a text says of its tests. `cases` and `snapshots` may hold equal ones several times. */
export type TestFacts = { cases: string[]; assertions: number; disabled: number; snapshots: string[] }

const inlineSnapshot =
  /\.to(?:Match|ThrowError(?:Matching)?)InlineSnapshot\(\s*(`(?:\\.|[^`\\])*`?|"[^"\n]*"?|'[^'\n]*'?)/g

/** Reads the tests of a file's text, comments left out; of a language that we don't know, and of no text, nothing. */
export function testFacts(path: string, text: string | null): TestFacts {
  const language = languageOf(path)
  if (!language || text === null) return { cases: [], assertions: 0, disabled: 0, snapshots: [] }
  const code = withoutComments(language, text.replaceAll("\r\n", "\n"))
  const found = language.cases.flatMap(pattern =>
    [...code.matchAll(pattern)].map(match => ({
      at: match.index + match[0].length,
      name: match.at(-1) ?? "",
    })),
  )
  // Two patterns may find the same case.
  const cases = new Map(found.map(({ at, name }) => [at, name]))
  return {
    cases: [...cases.values()],
    assertions: count(code, language.assertions),
    disabled: count(code, language.disabled) + (language.comments === "slash" ? count(text, buildTag) : 0),
    snapshots: [...code.matchAll(inlineSnapshot)].map(match => match[1] ?? ""),
  }
}

/** Go's build constraints are comments. */
const buildTag = /^\/\/(?:go:build| \+build)\b/gm

/** Comments that take code out of the coverage; they count in every file. */
export const coverageExceptions = (text: string | null): number =>
  count(
    text ?? "",
    /(?:istanbul|c8|v8|node:coverage)\s+(?:ignore|disable)|#\s*pragma:\s*no\s*cover|\bgrcov-excl|\bLCOV_EXCL/g,
  )

/** What `before` has more often than `after`. */
export function missing(before: readonly string[], after: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const item of after) left.set(item, (left.get(item) ?? 0) + 1)
  return before.filter(item => {
    const count = left.get(item) ?? 0
    left.set(item, count - 1)
    return count <= 0
  })
}

const count = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length

/**
 * Strings stay, since titles are strings. What is never closed goes on to the end (of the line, or of the text), so
 * that each character is read once.
 */
const slashed =
  /("(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`(?:\\[\s\S]|[^`\\])*`?)|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*/g
const hashed =
  /"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|("(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|#[^\n]*/g

function withoutComments(language: TestLanguage, text: string): string {
  const pattern = language.comments === "slash" ? slashed : hashed
  return text.replace(pattern, (_, kept: string | undefined) => kept ?? " ")
}
