import { type Command, limited, ranged, word } from "./command.ts"
import type { Answer, Keyspace } from "./values.ts"

type Row = [member: string, score: number]

const scoresOf = (keys: Keyspace, key: string) => keys.find(key, "zset")?.scores

// Redis compares members by their bytes; ours are ASCII.
const compare = (a: Row, b: Row): number => a[1] - b[1] || (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)
const sorted = (keys: Keyspace, key: string): Row[] => [...(scoresOf(keys, key) ?? [])].sort(compare)

const scoreText = (score: number): string =>
  score === Number.POSITIVE_INFINITY ? "inf" : score === Number.NEGATIVE_INFINITY ? "-inf" : String(score)

const withScores = (rows: readonly Row[], words: readonly string[]): Answer =>
  words.some(option => option.toUpperCase() === "WITHSCORES")
    ? rows.flatMap(([member, score]) => [member, scoreText(score)])
    : rows.map(([member]) => member)

const scoreOf = (text: string): number =>
  text === "+inf" || text === "inf"
    ? Number.POSITIVE_INFINITY
    : text === "-inf"
      ? Number.NEGATIVE_INFINITY
      : Number(text)

const inScores =
  (min: string, max: string) =>
  ([, score]: Row): boolean =>
    (min.startsWith("(") ? score > scoreOf(min.slice(1)) : score >= scoreOf(min)) &&
    (max.startsWith("(") ? score < scoreOf(max.slice(1)) : score <= scoreOf(max))

/** Which side of an end of a lexical range a member is on: 0 is at it. `-` comes before and `+` after all of them. */
const sideOf = (member: string, end: string): number => {
  if (end === "-") return 1
  if (end === "+") return -1
  const text = end.slice(1)
  return member === text ? 0 : member > text ? 1 : -1
}

const inLex =
  (min: string, max: string) =>
  ([member]: Row): boolean =>
    sideOf(member, min) >= (min.startsWith("(") ? 1 : 0) &&
    sideOf(member, max) <= (max.startsWith("(") ? -1 : 0)

const addFlags = new Set(["NX", "XX", "CH", "GT", "LT"])

const add: Command = (keys, words) => {
  const flags = new Set<string>()
  let at = 1
  for (; addFlags.has(word(words, at).toUpperCase()); at++) flags.add(word(words, at).toUpperCase())
  const { scores } = keys.open(word(words, 0), "zset")
  let added = 0
  let changed = 0
  for (; at < words.length; at += 2) {
    const member = word(words, at + 1)
    const score = scoreOf(word(words, at))
    const known = scores.get(member)
    if (known === undefined ? flags.has("XX") : flags.has("NX")) continue
    if (known !== undefined && ((flags.has("GT") && score <= known) || (flags.has("LT") && score >= known)))
      continue
    if (known === undefined) added += 1
    else if (known !== score) changed += 1
    scores.set(member, score)
  }
  keys.tidy(word(words, 0))
  return flags.has("CH") ? added + changed : added
}

/** The commands on sorted sets that the store uses. */
export const sortedSetCommands: Record<string, Command> = {
  ZADD: add,
  ZREM: (keys, words) => {
    const scores = scoresOf(keys, word(words, 0))
    const gone = words.slice(1).filter(member => scores?.delete(member)).length
    keys.tidy(word(words, 0))
    return gone
  },
  ZCARD: (keys, words) => scoresOf(keys, word(words, 0))?.size ?? 0,
  ZSCORE: (keys, words) => {
    const score = scoresOf(keys, word(words, 0))?.get(word(words, 1))
    return score === undefined ? null : scoreText(score)
  },
  ZMSCORE: (keys, words) => {
    const scores = scoresOf(keys, word(words, 0))
    return words.slice(1).map(member => {
      const score = scores?.get(member)
      return score === undefined ? null : scoreText(score)
    })
  },
  ZRANK: (keys, words) => {
    const rank = sorted(keys, word(words, 0)).findIndex(([member]) => member === words[1])
    return rank < 0 ? null : rank
  },
  ZCOUNT: (keys, words) =>
    sorted(keys, word(words, 0)).filter(inScores(word(words, 1), word(words, 2))).length,
  ZRANGE: (keys, words) =>
    withScores(ranged(sorted(keys, word(words, 0)), word(words, 1), word(words, 2)), words.slice(3)),
  ZRANGEBYSCORE: (keys, words) => {
    const rows = sorted(keys, word(words, 0)).filter(inScores(word(words, 1), word(words, 2)))
    return withScores(limited(rows, words.slice(3)), words.slice(3))
  },
  ZRANGEBYLEX: (keys, words) => {
    const rows = sorted(keys, word(words, 0)).filter(inLex(word(words, 1), word(words, 2)))
    return withScores(limited(rows, words.slice(3)), [])
  },
  ZREVRANGEBYLEX: (keys, words) => {
    const rows = sorted(keys, word(words, 0)).filter(inLex(word(words, 2), word(words, 1)))
    return withScores(limited(rows.reverse(), words.slice(3)), [])
  },
}
