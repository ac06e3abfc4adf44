import { createHash } from "node:crypto"
import { type Command, word } from "./command.ts"
import { hashCommands } from "./hashes.ts"
import { makeLua } from "./lua/lua.ts"
import { plainCommands } from "./plain.ts"
import { sortedSetCommands } from "./sorted-sets.ts"
import { streamCommands } from "./streams.ts"
import { type Answer, makeKeyspace } from "./values.ts"

/**
 * A Redis in this process, of the commands that the store uses: synchronous, on a clock of the caller's, without chance. The
 * store's Lua functions run on it as they are.
 */
export type MemoryRedis = {
  /** Runs one command, whole. @throws Error with Redis' own words. */
  call: (words: readonly string[]) => Answer
  /** Hears what is published to any channel, at once; returns how to stop. */
  onMessage: (listener: (channel: string, message: string) => void) => () => void
}

const commands: Record<string, Command> = {
  ...plainCommands,
  ...hashCommands,
  ...sortedSetCommands,
  ...streamCommands,
}

/** Makes an empty one; `now` gives epoch ms. `edit` changes scripts before they run: a suite breaks one to see that it notices. */
export const makeMemoryRedis = (now: () => number, edit = (source: string) => source): MemoryRedis => {
  const keys = makeKeyspace(now)
  const listeners = new Set<(channel: string, message: string) => void>()
  const sources = new Map<string, string>()
  const learn = (source: string): string => {
    sources.set(sumOf(source), source)
    return source
  }
  const publish = (channel: string, message: string): Answer => {
    for (const listener of listeners) listener(channel, message)
    return listeners.size
  }
  const call = (words: readonly string[]): Answer => {
    const name = word(words, 0).toUpperCase()
    const rest = words.slice(1)
    if (name === "PUBLISH") return publish(word(rest, 0), word(rest, 1))
    if (name === "EVAL" || name === "EVALSHA") return evaluate(name, rest)
    const command = commands[name]
    if (command === undefined) throw new Error(`ERR unknown command '${name}'`)
    return command(keys, rest)
  }
  const run = makeLua(call)
  const evaluate = (name: "EVAL" | "EVALSHA", words: readonly string[]): Answer => {
    const given = word(words, 0)
    const source = name === "EVAL" ? learn(given) : sources.get(given)
    if (source === undefined) throw new Error("NOSCRIPT No matching script.")
    const count = Number(word(words, 1))
    return run(edit(source), words.slice(2, 2 + count), words.slice(2 + count))
  }
  return {
    call,
    onMessage: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const sums = new Map<string, string>()
/** A script's name for EVALSHA; of the few that there are it is reckoned once. */
const sumOf = (source: string): string => {
  const known = sums.get(source) ?? createHash("sha1").update(source).digest("hex")
  sums.set(source, known)
  return known
}
