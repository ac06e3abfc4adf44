import { z } from "zod"

/** The kinds of opaque id that Twolane hands out; each id begins with its kind and an underscore. */
export type IdKind = "task" | "group" | "turn" | "gate" | "key" | "hook" | "steer" | "op" | "worker" | "req"

/** Makes an id such as `task_0mc3k…`: 48 bits of time, then 80 random bits, in lower-case base 32, so that ids sort by age. */
export const newId = (kind: IdKind): string => `${kind}_${encode(Date.now(), 10)}${randomPart(16)}`

/** The id that follows from something: made at a time (epoch ms), and from a digest of what it is, of 16 bytes or more. */
export const derivedId = (kind: IdKind, at: number, digest: Uint8Array): string =>
  `${kind}_${encode(at, 10)}${Array.from(digest.subarray(0, 16), byte => alphabet.charAt(byte % 32)).join("")}`

/** The id of the n-th of a few that are made together (from 0): all but its last letter is that of `id`, which itself need not be the first. */
export const siblingId = (id: string, index: number): string => `${id.slice(0, -1)}${alphabet.charAt(index)}`

/** When an id was made, epoch ms. */
export const timeOfId = (id: string): number => {
  const start = id.indexOf("_") + 1
  return Array.from(id.slice(start, start + 10), letter => alphabet.indexOf(letter)).reduce(
    (time, digit) => time * 32 + digit,
    0,
  )
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

const encode = (value: number, length: number): string => {
  let text = ""
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32))
    text = alphabet.charAt(rest % 32) + text
  return text
}

/** Random bytes for the next ids: asking the system for each one costs more than the rest of it. */
const randomBytes = new Uint8Array(2_048)
let used = randomBytes.length
let source: unknown

const randomPart = (length: number): string => {
  // A simulation brings a source of its own, which must not go on with what another one drew.
  const drawn: unknown = Reflect.get(crypto, "getRandomValues")
  if (used + length > randomBytes.length || source !== drawn) {
    source = drawn
    crypto.getRandomValues(randomBytes)
    used = 0
  }
  let text = ""
  for (const end = used + length; used < end; used += 1)
    text += alphabet.charAt((randomBytes[used] ?? 0) % 32)
  return text
}

const idOf = (kind: IdKind) =>
  z.string().regex(new RegExp(`^${kind}_[0-9a-hjkmnp-tv-z]{26}$`), `not a ${kind} id`)

/** Parses a task's id. */
export const TaskId = idOf("task")
/** Parses a group's id. */
export const GroupId = idOf("group")
/** Parses a turn's id. */
export const TurnId = idOf("turn")
/** Parses a gate's id. */
export const GateId = idOf("gate")

/** Parses a webhook's id. */
export const HookId = idOf("hook")

/** Parses a key's id. */
export const KeyId = idOf("key")

/** An event's id, `<attempt>-<n>`: rises within a task and is the SSE `id`. */
export const EventId = z.string().regex(/^\d{1,9}-\d{1,9}$/, "not an event id")
export type EventId = z.infer<typeof EventId>
