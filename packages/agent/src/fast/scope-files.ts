import { globMatcher } from "@twolane/common/guardrails/glob"
import { charsPerToken } from "../items.ts"
import { mentionsOf } from "./mentions.ts"
import { isReadable, type RankedFile, rankFiles, type SourceFile } from "./rank-files.ts"

/** The tree that a fast turn begins from, as the mirror serves it. */
export type FileSource = {
  list(signal: AbortSignal): Promise<readonly SourceFile[]>
  /** A file's text; null when it is not there or is no text. */
  read(path: string, signal: AbortSignal): Promise<string | null>
}

/** The files that a fast prompt shows. `left` fit the request but not the budget; the model is told of them. */
export type ScopedFiles = { files: Map<string, string>; left: string[] }

const maxFiles = 40
const maxLeft = 30
/** How much of a tree is looked through for a symbol that no file is named after. */
const maxSearchedFiles = 150
const maxSearchedBytes = 1_000_000

/**
 * Chooses the files for a fast prompt within a budget of tokens: those that `scope` matches, the ones that the prompt speaks of first;
 * without a scope those that the prompt names by path, name or symbol, and of a small tree simply all.
 */
export const scopeFiles = async (
  asked: { prompt: string; scope: readonly string[]; maxTokens: number },
  source: FileSource,
  signal: AbortSignal,
): Promise<ScopedFiles> => {
  const all = await source.list(signal)
  const mentions = mentionsOf(asked.prompt)
  const inScope = asked.scope.length === 0 ? () => true : globMatcher(asked.scope)
  const ranked = rankFiles(
    all.filter(({ path }) => inScope(path)),
    mentions,
  )
  const maxBytes = asked.maxTokens * charsPerToken
  const named = ranked.filter(({ score }) => score > 0)
  if (asked.scope.length > 0 || isSmall(ranked, maxBytes)) return fill(ranked, maxBytes, source, signal)
  const found = await findSymbols(ranked, mentions.symbols, named, source, signal)
  return fill([...found, ...named.filter(file => !found.includes(file))], maxBytes, source, signal)
}

const isSmall = (files: readonly RankedFile[], maxBytes: number): boolean => {
  const readable = files.filter(({ path }) => isReadable(path))
  return readable.length <= maxFiles && readable.reduce((sum, { bytes }) => sum + bytes, 0) <= maxBytes
}

/** Files that hold a symbol of the prompt, where no file is named after one: looked for in a bounded part of the tree. */
const findSymbols = async (
  ranked: readonly RankedFile[],
  symbols: readonly string[],
  named: readonly RankedFile[],
  source: FileSource,
  signal: AbortSignal,
): Promise<RankedFile[]> => {
  if (symbols.length === 0 || named.some(({ score }) => score >= 60)) return []
  const searched = withinBytes(
    ranked.filter(({ path }) => isReadable(path)).slice(0, maxSearchedFiles),
    maxSearchedBytes,
  )
  const texts = await Promise.all(searched.map(({ path }) => source.read(path, signal)))
  const held = searched.map((file, at) => ({
    file,
    hits: symbols.filter(symbol => texts[at]?.includes(symbol)).length,
  }))
  return held
    .filter(({ hits }) => hits > 0)
    .sort((a, b) => b.hits - a.hits)
    .slice(0, 6)
    .map(({ file }) => file)
}

const withinBytes = (files: readonly RankedFile[], maxBytes: number): RankedFile[] => {
  let bytes = 0
  return files.filter(file => {
    bytes += file.bytes
    return bytes <= maxBytes
  })
}

const fill = async (
  ranked: readonly RankedFile[],
  maxBytes: number,
  source: FileSource,
  signal: AbortSignal,
): Promise<ScopedFiles> => {
  const chosen: RankedFile[] = []
  const left: string[] = []
  let bytes = 0
  for (const file of ranked) {
    if (file.score === 0 && !isReadable(file.path)) continue
    if (chosen.length < maxFiles && bytes + file.bytes <= maxBytes) {
      chosen.push(file)
      bytes += file.bytes
    } else if (left.length < maxLeft) left.push(file.path)
  }
  const texts = await Promise.all(chosen.map(({ path }) => source.read(path, signal)))
  const files = new Map<string, string>()
  for (const [at, { path }] of chosen.entries()) {
    const text = texts[at]
    if (typeof text === "string" && !text.includes("\0")) files.set(path, text)
  }
  return { files, left }
}
