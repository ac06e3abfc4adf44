/** An id of a stream's entry, as its two numbers. */
export type StreamId = readonly [ms: number, seq: number]
export type StreamEntry = { id: StreamId; fields: string[] }

/** What a key holds. An empty hash, set, list or sorted set is no key. */
export type Value =
  | { type: "string"; text: string }
  | { type: "hash"; fields: Map<string, string> }
  | { type: "set"; members: Set<string> }
  | { type: "list"; items: string[] }
  | { type: "zset"; scores: Map<string, number> }
  | { type: "stream"; entries: StreamEntry[]; last: StreamId }

export type TypeName = Value["type"]
type Of<Name extends TypeName> = Extract<Value, { type: Name }>

/** What Redis answers: `{ status }` is a simple string such as OK. */
export type Answer = string | number | null | { status: string } | Answer[]

const empty: { [Name in TypeName]: () => Of<Name> } = {
  string: () => ({ type: "string", text: "" }),
  hash: () => ({ type: "hash", fields: new Map() }),
  set: () => ({ type: "set", members: new Set() }),
  list: () => ({ type: "list", items: [] }),
  zset: () => ({ type: "zset", scores: new Map() }),
  stream: () => ({ type: "stream", entries: [], last: [0, 0] }),
}

/** The keys of one Redis, with their expiry. */
export type Keyspace = {
  /** What the key holds, or null. @throws Error WRONGTYPE when it is something else. */
  find: <Name extends TypeName>(key: string, type: Name) => Of<Name> | null
  /** As `find`; a key that is not there is made. */
  open: <Name extends TypeName>(key: string, type: Name) => Of<Name>
  set: (key: string, value: Value) => void
  remove: (key: string) => boolean
  has: (key: string) => boolean
  take: (key: string) => Value | null
  /** Drops the key when nothing is left in it. */
  tidy: (key: string) => void
  /** Epoch ms at which the key goes; null: never. */
  expireAt: (key: string, at: number | null) => boolean
  now: () => number
  clear: () => void
}

/** Makes an empty keyspace on a clock (epoch ms). */
export const makeKeyspace = (now: () => number): Keyspace => {
  const values = new Map<string, Value>()
  const expiries = new Map<string, number>()
  const remove = (key: string) => {
    expiries.delete(key)
    return values.delete(key)
  }
  const look = (key: string): Value | null => {
    if ((expiries.get(key) ?? Number.POSITIVE_INFINITY) <= now()) remove(key)
    return values.get(key) ?? null
  }
  const find = <Name extends TypeName>(key: string, type: Name): Of<Name> | null => {
    const value = look(key)
    if (value === null) return null
    if (value.type !== type)
      throw new Error("WRONGTYPE Operation against a key holding the wrong kind of value")
    return value as Of<Name>
  }
  return {
    find,
    open: (key, type) => {
      const known = find(key, type)
      if (known !== null) return known
      const made = empty[type]()
      values.set(key, made)
      return made
    },
    set: (key, value) => {
      expiries.delete(key)
      values.set(key, value)
    },
    remove: key => look(key) !== null && remove(key),
    has: key => look(key) !== null,
    take: key => {
      const value = look(key)
      remove(key)
      return value
    },
    tidy: key => {
      const value = values.get(key)
      if (value !== undefined && sizeOf(value) === 0) remove(key)
    },
    expireAt: (key, at) => {
      if (look(key) === null) return false
      if (at === null) return expiries.delete(key)
      expiries.set(key, at)
      return true
    },
    now,
    clear: () => {
      values.clear()
      expiries.clear()
    },
  }
}

const sizeOf = (value: Value): number => {
  switch (value.type) {
    case "hash":
      return value.fields.size
    case "set":
      return value.members.size
    case "list":
      return value.items.length
    case "zset":
      return value.scores.size
    default:
      return 1 // a string may be empty, and a stream stays
  }
}
