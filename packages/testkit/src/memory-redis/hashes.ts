import { type Command, pairs, word } from "./command.ts"
import type { Keyspace } from "./values.ts"

const fieldsOf = (keys: Keyspace, words: readonly string[]) => keys.find(word(words, 0), "hash")?.fields

/** The commands on hashes that the store uses. */
export const hashCommands: Record<string, Command> = {
  HGET: (keys, words) => fieldsOf(keys, words)?.get(word(words, 1)) ?? null,
  HMGET: (keys, words) => {
    const fields = fieldsOf(keys, words)
    return words.slice(1).map(name => fields?.get(name) ?? null)
  },
  HGETALL: (keys, words) => [...(fieldsOf(keys, words) ?? [])].flat(),
  HKEYS: (keys, words) => [...(fieldsOf(keys, words)?.keys() ?? [])],
  HVALS: (keys, words) => [...(fieldsOf(keys, words)?.values() ?? [])],
  HLEN: (keys, words) => fieldsOf(keys, words)?.size ?? 0,
  HEXISTS: (keys, words) => (fieldsOf(keys, words)?.has(word(words, 1)) ? 1 : 0),
  HSET: (keys, words) => {
    const { fields } = keys.open(word(words, 0), "hash")
    const before = fields.size
    for (const [name, value] of pairs(words.slice(1))) fields.set(name, value)
    return fields.size - before
  },
  HSETNX: (keys, words) => {
    const { fields } = keys.open(word(words, 0), "hash")
    if (fields.has(word(words, 1))) return 0
    fields.set(word(words, 1), word(words, 2))
    return 1
  },
  HDEL: (keys, words) => {
    const fields = fieldsOf(keys, words)
    const gone = words.slice(1).filter(name => fields?.delete(name)).length
    keys.tidy(word(words, 0))
    return gone
  },
  HINCRBY: (keys, words) => {
    const { fields } = keys.open(word(words, 0), "hash")
    const sum = Number(fields.get(word(words, 1)) ?? "0") + Number(word(words, 2))
    if (!Number.isInteger(sum)) throw new Error("ERR hash value is not an integer")
    fields.set(word(words, 1), String(sum))
    return sum
  },
  HINCRBYFLOAT: (keys, words) => {
    const { fields } = keys.open(word(words, 0), "hash")
    const sum = String(Number(fields.get(word(words, 1)) ?? "0") + Number(word(words, 2)))
    fields.set(word(words, 1), sum)
    return sum
  },
}
