import type { Answer } from "../values.ts"
import { isTrue, numberOf, shortest, textOf } from "./operators.ts"
import { patternOf } from "./pattern.ts"
import { fromAnswer, fromJson, toJson, wordOf } from "./redis-values.ts"
import {
  getFrom,
  isTable,
  keysOf,
  type LuaFunction,
  type LuaTable,
  type LuaValue,
  makeTable,
} from "./table.ts"

/** Runs a command of Redis. @throws Error with Redis' own words. */
export type CallRedis = (words: readonly string[]) => Answer

/** Lua's own functions and Redis', as far as our scripts use them; a name that is not here is an error as soon as a script is read. */
export const makeGlobals = (callRedis: CallRedis): LuaTable => {
  const run = (args: LuaValue[]) => fromAnswer(callRedis(args.map(wordOf)))
  return tableOf({
    ...plain,
    string: tableOf(strings),
    math: tableOf(maths),
    table: tableOf({ concat: (list, by = "") => [itemsOf(list).map(textOf).join(textOf(by))] }),
    cjson: tableOf({
      decode: json => [fromJson(JSON.parse(textOf(json)))],
      encode: value => [JSON.stringify(toJson(value))],
      null: null,
    }),
    redis: tableOf({
      call: (...args) => [run(args)],
      pcall: (...args) => {
        try {
          return [run(args)]
        } catch (error) {
          return [makeTable([], [["err", error instanceof Error ? error.message : String(error)]])]
        }
      },
    }),
  })
}

const tableOf = (fields: Record<string, LuaValue>): LuaTable => makeTable([], Object.entries(fields))

const tableIn = (value: LuaValue): LuaTable => {
  if (!isTable(value)) throw new Error("bad argument (table expected)")
  return value
}
const itemsOf = (value: LuaValue): LuaValue[] => tableIn(value).items
const numberIn = (value: LuaValue): number => {
  const number = numberOf(value)
  if (number === undefined) throw new Error("bad argument (number expected)")
  return number
}

/** Gives the keys of a table and what they have, those that are still there when it comes to them. */
const pairs = (value: LuaValue): LuaFunction => {
  const table = tableIn(value)
  const keys = keysOf(table).values()
  return () => {
    for (const key of keys) {
      const found = getFrom(table, key)
      if (found !== undefined) return [key, found]
    }
    return []
  }
}

const plain: Record<string, LuaFunction> = {
  ipairs: value => {
    const table = tableIn(value)
    let at = 0
    return [() => (++at <= table.items.length ? [at, table.items[at - 1]] : [])]
  },
  pairs: value => [pairs(value)],
  next: (value, after) => {
    if (after !== undefined) throw new Error("next with a key is not known here")
    return pairs(value)()
  },
  tonumber: (value, base) => {
    if (base !== undefined) throw new Error("tonumber with a base is not known here")
    return [numberOf(value)]
  },
  tostring: value => [
    value === undefined ? "nil" : typeof value === "boolean" ? String(value) : textOf(value),
  ],
  unpack: (value, from = 1) => itemsOf(value).slice(numberIn(from) - 1),
}

const maths: Record<string, LuaFunction> = {
  floor: value => [Math.floor(numberIn(value))],
  min: (...values) => [Math.min(...values.map(numberIn))],
  max: (...values) => [Math.max(...values.map(numberIn))],
}

/** What a match gives: its captures, or all of it. */
const capturesOf = (match: RegExpMatchArray): LuaValue[] => (match.length > 1 ? match.slice(1) : [match[0]])

const strings: Record<string, LuaFunction> = {
  find: (text, wanted, from = 1, isPlain) => {
    const start = numberIn(from) - 1
    if (!isTrue(isPlain) || start < 0) throw new Error("string.find with a pattern is not known here")
    const at = textOf(text).indexOf(textOf(wanted), start)
    return at < 0 ? [undefined] : [at + 1, at + textOf(wanted).length]
  },
  match: (text, pattern) => {
    const match = patternOf(textOf(pattern), "").exec(textOf(text))
    return match === null ? [undefined] : capturesOf(match)
  },
  gmatch: (text, pattern) => {
    const matches = textOf(text).matchAll(patternOf(textOf(pattern), "g"))
    return [
      () => {
        const { value, done } = matches.next()
        return done === true || value === undefined ? [] : capturesOf(value)
      },
    ]
  },
  sub: (text, from, to = -1) => {
    const whole = textOf(text)
    const place = (at: LuaValue) => (numberIn(at) < 0 ? whole.length + numberIn(at) + 1 : numberIn(at))
    return [whole.slice(Math.max(0, place(from) - 1), Math.max(0, place(to)))]
  },
  format: (format, ...values) => {
    const rest = values.values()
    return [
      textOf(format).replace(/%(?:%|d|s|\.(\d+)([fg])|.)/g, (found, digits: string, kind: string) => {
        if (found === "%%") return "%"
        const { value } = rest.next()
        if (found === "%s") return textOf(value)
        if (found === "%d") return String(Math.trunc(numberIn(value)))
        if (kind === "f") return numberIn(value).toFixed(Number(digits))
        if (kind === "g") return shortest(numberIn(value), Number(digits))
        throw new Error(`string.format's ${found} is not known here`)
      }),
    ]
  },
}
