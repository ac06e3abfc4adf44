import { isLockfile } from "@twolane/common/guardrails/manifests/manifest"
import { type Mentions, plainName } from "./mentions.ts"

/** A file of the tree. */
export type SourceFile = { path: string; bytes: number }
/** A file with how much the prompt speaks of it; 0 is not at all. */
export type RankedFile = SourceFile & { score: number }

const scores = { path: 100, end: 80, symbol: 60, folder: 20, word: 30, partWord: 8, test: 25 } as const

/** Never worth a place in a prompt unless it is named. */
const unread =
  /(?:^|\/)(?:node_modules|vendor|dist|build|coverage|\.git)\/|\.(?:min\.js|map|snap|svg|png|jpe?g|gif|ico|pdf|woff2?|zip|gz|lock|wasm|bin)$/i

/** Files by how much a prompt speaks of them, most first; then by path. Tests of a named file count a little less than it. */
export const rankFiles = (files: readonly SourceFile[], mentions: Mentions): RankedFile[] => {
  const symbols = new Set(mentions.symbols.map(plainName))
  const words = new Set(mentions.words)
  const ranked = files.map(file => ({ ...file, score: scoreOf(file.path, mentions.paths, symbols, words) }))
  const stems = new Set(
    ranked
      .filter(({ score, path }) => score >= scores.symbol && !isTest(path))
      .map(({ path }) => stemOf(path)),
  )
  for (const file of ranked)
    if (isTest(file.path) && stems.has(stemOf(file.path))) file.score = Math.max(file.score, scores.test)
  return ranked.sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
}

/** Whether a file may be shown without having been named. */
export const isReadable = (path: string): boolean => !unread.test(path) && !isLockfile(path)

const scoreOf = (
  path: string,
  named: readonly string[],
  symbols: ReadonlySet<string>,
  words: ReadonlySet<string>,
): number => {
  let score = 0
  for (const mention of named) {
    if (mention === path) score = Math.max(score, scores.path)
    else if (path.endsWith(`/${mention}`)) score = Math.max(score, scores.end)
    else if (path.startsWith(`${mention.replace(/\/$/, "")}/`)) score = Math.max(score, scores.folder)
  }
  if (score >= scores.end || !isReadable(path)) return score
  const stem = stemOf(path)
  if (symbols.has(stem)) score = Math.max(score, scores.symbol)
  if (words.has(stem)) score = Math.max(score, scores.word)
  const parts = stem.split("-").concat(path.toLowerCase().split("/").slice(0, -1))
  return Math.max(score, parts.filter(part => words.has(part)).length * scores.partWord)
}

const isTest = (path: string): boolean =>
  /(?:^|\/)(?:tests?|__tests__|spec)\/|[._-](?:test|spec)\.|(?:^|\/)test_/.test(path)

/** `src/a/parsePatch.test.ts` is `parse-patch`. */
const stemOf = (path: string): string => {
  const name = path.slice(path.lastIndexOf("/") + 1)
  const bare = name.replace(/^test_/, "").replace(/(?:[._-](?:test|spec))?\.[^.]+$/, "")
  return plainName(bare)
}
