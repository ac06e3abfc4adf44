import { getFrom, isTable, type LuaValue, setIn } from "./table.ts"

const typeName = (value: LuaValue): string =>
  value === undefined ? "nil" : isTable(value) ? "table" : value === null ? "userdata" : typeof value

/** Only nil and false are false. */
export const isTrue = (value: LuaValue): boolean => value !== undefined && value !== false

/** Reads a field. @throws Error when the value is no table. */
export const index = (value: LuaValue, key: LuaValue): LuaValue => {
  if (!isTable(value)) throw new Error(`attempt to index a ${typeName(value)} value`)
  return getFrom(value, key)
}

/** Sets a field. @throws Error when the value is no table. */
export const assign = (table: LuaValue, key: LuaValue, value: LuaValue): void => {
  if (!isTable(table)) throw new Error(`attempt to index a ${typeName(table)} value`)
  setIn(table, key, value)
}

/** Calls a function. @throws Error when the value is none. */
export const call = (value: LuaValue, ...args: LuaValue[]): LuaValue[] => {
  if (typeof value !== "function") throw new Error(`attempt to call a ${typeName(value)} value`)
  return value(...args)
}

/** A number of a text as Lua takes it; nil when it is none. */
export const numberOf = (value: LuaValue): number | undefined => {
  if (typeof value === "number") return value
  if (typeof value !== "string") return undefined
  return /^\s*[+-]?(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*$/.test(value)
    ? Number(value)
    : undefined
}

/** What arithmetic works with. @throws Error when it is no number and none can be made of it. */
export const arithmetic = (value: LuaValue): number => {
  const number = numberOf(value)
  if (number === undefined) throw new Error(`attempt to perform arithmetic on a ${typeName(value)} value`)
  return number
}

/** As C's `%.<digits>g`. */
export const shortest = (value: number, digits: number): string => {
  if (Number.isNaN(value)) return "nan"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  const [mantissa = "", exponent = "0"] = value.toExponential(digits - 1).split("e")
  if (Number(exponent) >= -4 && Number(exponent) < digits) return withoutZeros(value.toPrecision(digits))
  return `${withoutZeros(mantissa)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`
}

const withoutZeros = (digits: string): string =>
  digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits

/** A string or number as a text: numbers have 14 digits, as in Lua 5.1. @throws Error on anything else. */
export const textOf = (value: LuaValue): string => {
  if (typeof value === "string") return value
  if (typeof value !== "number") throw new Error(`attempt to concatenate a ${typeName(value)} value`)
  return Number.isInteger(value) && Math.abs(value) < 1e14 ? String(value) : shortest(value, 14)
}

/** Joins two texts. */
export const concat = (a: LuaValue, b: LuaValue): string => textOf(a) + textOf(b)

/** Bytes of a text, items of a table. @throws Error on anything else. */
export const length = (value: LuaValue): number => {
  if (typeof value === "string") return Buffer.byteLength(value)
  if (!isTable(value)) throw new Error(`attempt to get length of a ${typeName(value)} value`)
  return value.items.length
}

/** Whether one comes before the other. @throws Error when they are not both numbers or both texts. */
export const isLess = (a: LuaValue, b: LuaValue): boolean => {
  if (typeof a === "number" && typeof b === "number") return a < b
  if (typeof a === "string" && typeof b === "string") return a < b
  throw new Error(`attempt to compare ${typeName(a)} with ${typeName(b)}`)
}

/** Whether one comes before the other, or is the same. @throws Error when they are not both numbers or both texts. */
export const isLessOrSame = (a: LuaValue, b: LuaValue): boolean => !isLess(b, a)

/** Lua's remainder has the sign of what divides. */
export const modulo = (a: LuaValue, b: LuaValue): number => {
  const [left, right] = [arithmetic(a), arithmetic(b)]
  return left - Math.floor(left / right) * right
}

/** `and`: the right side is looked at only when the left one is true. */
export const both = (left: LuaValue, right: () => LuaValue): LuaValue => (isTrue(left) ? right() : left)

/** `or`: the right side is looked at only when the left one is not. */
export const either = (left: LuaValue, right: () => LuaValue): LuaValue => (isTrue(left) ? left : right())

/** A function or table of the library. @throws Error when there is none, as Redis does. */
export const global = (globals: LuaValue, name: string): LuaValue => {
  const found = index(globals, name)
  if (found === undefined) throw new Error(`Script attempted to access nonexistent global variable '${name}'`)
  return found
}

/** The numbers of a loop, both ends in. */
export const count = function* (from: LuaValue, to: LuaValue, by: LuaValue): Generator<number> {
  const [start, end, step] = [arithmetic(from), arithmetic(to), arithmetic(by)]
  for (let at = start; step > 0 ? at <= end : at >= end; at += step) yield at
}

/** What an iterator gives, until its first value is nil. */
export const each = function* (next: LuaValue): Generator<LuaValue[]> {
  for (let given = call(next); given[0] !== undefined; given = call(next)) yield given
}
