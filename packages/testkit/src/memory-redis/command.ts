import type { Answer, Keyspace } from "./values.ts"

/** One command: its words after the name, on a keyspace. @throws Error as Redis would answer it. */
export type Command = (keys: Keyspace, words: readonly string[]) => Answer

/** Redis' OK. */
export const ok: Answer = { status: "OK" }

/** The word at a place. @throws Error when the command was given too few. */
export const word = (words: readonly string[], index: number): string => {
  const found = words[index]
  if (found === undefined) throw new Error("ERR wrong number of arguments")
  return found
}

/** The pairs of a list of words. */
export const pairs = (words: readonly string[]): [string, string][] =>
  Array.from({ length: Math.floor(words.length / 2) }, (_, index) => [
    word(words, 2 * index),
    word(words, 2 * index + 1),
  ])

/** What `LIMIT offset count` keeps of some items; without it all. */
export const limited = <Item>(items: readonly Item[], words: readonly string[]): Item[] => {
  const at = words.findIndex(candidate => candidate.toUpperCase() === "LIMIT")
  if (at < 0) return [...items]
  const offset = Number(word(words, at + 1))
  const count = Number(word(words, at + 2))
  return items.slice(offset, count < 0 ? undefined : offset + count)
}

/** Redis' ranges by index: negative ones count from the end, both ends are in. */
export const ranged = <Item>(items: readonly Item[], from: string, to: string): Item[] => {
  const place = (text: string) => {
    const index = Number(text)
    return index < 0 ? items.length + index : index
  }
  return items.slice(Math.max(0, place(from)), place(to) + 1)
}
