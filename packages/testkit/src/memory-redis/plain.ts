import { type Command, ok, ranged, word } from "./command.ts"
import type { Keyspace } from "./values.ts"

const itemsOf = (keys: Keyspace, words: readonly string[]) => keys.find(word(words, 0), "list")?.items ?? []

const set: Command = (keys, words) => {
  const options = words.slice(2).map(option => option.toUpperCase())
  if (options.includes("NX") && keys.has(word(words, 0))) return null
  keys.set(word(words, 0), { type: "string", text: word(words, 1) })
  const px = options.indexOf("PX")
  if (px >= 0) keys.expireAt(word(words, 0), keys.now() + Number(options[px + 1]))
  return ok
}

/** The commands on keys, strings, lists and sets that the store uses. */
export const plainCommands: Record<string, Command> = {
  PING: () => ({ status: "PONG" }),
  TIME: keys => [String(Math.floor(keys.now() / 1_000)), String((keys.now() % 1_000) * 1_000)],
  FLUSHALL: keys => {
    keys.clear()
    return ok
  },
  DEL: (keys, words) => words.filter(key => keys.remove(key)).length,
  EXISTS: (keys, words) => words.filter(key => keys.has(key)).length,
  PEXPIRE: (keys, words) => (keys.expireAt(word(words, 0), keys.now() + Number(word(words, 1))) ? 1 : 0),
  PERSIST: (keys, words) => (keys.expireAt(word(words, 0), null) ? 1 : 0),
  RENAME: (keys, words) => {
    const value = keys.take(word(words, 0))
    if (value === null) throw new Error("ERR no such key")
    keys.set(word(words, 1), value)
    return ok
  },
  GET: (keys, words) => keys.find(word(words, 0), "string")?.text ?? null,
  SET: set,
  RPUSH: (keys, words) => keys.open(word(words, 0), "list").items.push(...words.slice(1)),
  LPUSH: (keys, words) => keys.open(word(words, 0), "list").items.unshift(...words.slice(1).reverse()),
  LRANGE: (keys, words) => ranged(itemsOf(keys, words), word(words, 1), word(words, 2)),
  LTRIM: (keys, words) => {
    const list = keys.find(word(words, 0), "list")
    if (list !== null) list.items = ranged(list.items, word(words, 1), word(words, 2))
    keys.tidy(word(words, 0))
    return ok
  },
  SADD: (keys, words) => {
    const { members } = keys.open(word(words, 0), "set")
    const before = members.size
    for (const member of words.slice(1)) members.add(member)
    return members.size - before
  },
  SREM: (keys, words) => {
    const members = keys.find(word(words, 0), "set")?.members
    const gone = words.slice(1).filter(member => members?.delete(member)).length
    keys.tidy(word(words, 0))
    return gone
  },
  SMEMBERS: (keys, words) => [...(keys.find(word(words, 0), "set")?.members ?? [])],
  // Redis takes them by chance; the first ones are a chance that can be repeated.
  SPOP: (keys, words) => {
    const members = keys.find(word(words, 0), "set")?.members
    const taken = [...(members ?? [])].slice(0, Number(word(words, 1)))
    for (const member of taken) members?.delete(member)
    keys.tidy(word(words, 0))
    return taken
  },
}
