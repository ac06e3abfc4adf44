import { type Command, word } from "./command.ts"
import type { Answer, StreamEntry, StreamId } from "./values.ts"

const compare = (a: StreamId, b: StreamId): number => a[0] - b[0] || a[1] - b[1]
const text = ([ms, seq]: StreamId): string => `${ms}-${seq}`

const first: StreamId = [0, 0]
const last: StreamId = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]

/** An end of a range: the least and the greatest id may stand at either. */
const parse = (id: string, seqWhenAbsent: number): StreamId => {
  if (id === "-") return first
  if (id === "+") return last
  const [ms = "", seq] = id.split("-")
  return [Number(ms), seq === undefined ? seqWhenAbsent : Number(seq)]
}

const lower = (from: string) => {
  const open = from.startsWith("(")
  const id = parse(open ? from.slice(1) : from, 0)
  return ({ id: candidate }: StreamEntry) => (open ? compare(candidate, id) > 0 : compare(candidate, id) >= 0)
}

const upper = (to: string) => {
  const open = to.startsWith("(")
  const id = parse(open ? to.slice(1) : to, Number.POSITIVE_INFINITY)
  return ({ id: candidate }: StreamEntry) => (open ? compare(candidate, id) < 0 : compare(candidate, id) <= 0)
}

const counted = <Item>(items: Item[], words: readonly string[]): Item[] => {
  const at = words.findIndex(option => option.toUpperCase() === "COUNT")
  return at < 0 ? items : items.slice(0, Number(word(words, at + 1)))
}

const rows = (entries: readonly StreamEntry[]): Answer =>
  entries.map(({ id, fields }) => [text(id), [...fields]])

const add: Command = (keys, words) => {
  const stream = keys.open(word(words, 0), "stream")
  let at = 1
  let most = Number.POSITIVE_INFINITY
  if (word(words, at).toUpperCase() === "MAXLEN") {
    const exact = word(words, at + 1) !== "~"
    most = Number(word(words, at + (exact ? 1 : 2)))
    at += exact ? 2 : 3
  }
  const wanted = word(words, at)
  const { last: newest } = stream
  const next: StreamId = [Math.max(newest[0], keys.now()), newest[0] >= keys.now() ? newest[1] + 1 : 0]
  const id = wanted === "*" ? next : parse(wanted, 0)
  if (compare(id, newest) <= 0)
    throw new Error("ERR The ID specified in XADD is equal or smaller than the target stream top item")
  stream.entries.push({ id, fields: words.slice(at + 1) })
  stream.last = id
  if (stream.entries.length > most) stream.entries.splice(0, stream.entries.length - most)
  return text(id)
}

/** The commands on streams that the store uses. Trimming "about" trims exactly. */
export const streamCommands: Record<string, Command> = {
  XADD: add,
  XLEN: (keys, words) => keys.find(word(words, 0), "stream")?.entries.length ?? 0,
  XRANGE: (keys, words) => {
    const entries = keys.find(word(words, 0), "stream")?.entries ?? []
    const within = entries.filter(lower(word(words, 1))).filter(upper(word(words, 2)))
    return rows(counted(within, words.slice(3)))
  },
  XREVRANGE: (keys, words) => {
    const entries = keys.find(word(words, 0), "stream")?.entries ?? []
    const within = entries.filter(upper(word(words, 1))).filter(lower(word(words, 2)))
    return rows(counted(within.toReversed(), words.slice(3)))
  },
  XTRIM: (keys, words) => {
    const stream = keys.find(word(words, 0), "stream")
    if (stream === null) return 0
    const keep = stream.entries.filter(lower(word(words, word(words, 2) === "~" ? 3 : 2)))
    const gone = stream.entries.length - keep.length
    stream.entries = keep
    return gone
  },
}
