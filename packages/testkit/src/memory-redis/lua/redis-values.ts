import type { Answer } from "../values.ts"
import { shortest, textOf } from "./operators.ts"
import { getFrom, isTable, type LuaValue, makeTable } from "./table.ts"

/** What Redis answered, as it gives it to a script: nil is false, a status is a table with `ok`. */
export const fromAnswer = (answer: Answer): LuaValue => {
  if (answer === null) return false
  if (typeof answer !== "object") return answer
  return Array.isArray(answer) ? makeTable(answer.map(fromAnswer)) : makeTable([], [["ok", answer.status]])
}

/** What a script returned, as Redis answers it: numbers lose their fraction, a list ends at its first nil. @throws Error for `err`. */
export const answerOf = (value: LuaValue): Answer => {
  if (typeof value === "string") return value
  if (typeof value === "number") return Math.trunc(value)
  if (value === true) return 1
  if (!isTable(value)) return null
  const [status, failed] = [getFrom(value, "ok"), getFrom(value, "err")]
  if (typeof failed === "string") throw new Error(failed)
  return typeof status === "string" ? { status } : value.items.map(answerOf)
}

/** A word that a script gives to a command. @throws Error when it is no text and no number. */
export const wordOf = (value: LuaValue): string => {
  if (typeof value === "string") return value
  if (typeof value !== "number")
    throw new Error("ERR Lua redis lib command arguments must be strings or integers")
  return Number.isInteger(value) && Math.abs(value) < 1e17 ? String(value) : shortest(value, 17)
}

/** Parsed JSON as cjson gives it: its null is a value of its own. */
export const fromJson = (value: unknown): LuaValue => {
  if (typeof value !== "object" || value === null) return value as LuaValue
  return Array.isArray(value)
    ? makeTable(value.map(fromJson))
    : makeTable(
        [],
        Object.entries(value).map(([name, field]) => [name, fromJson(field)]),
      )
}

/** A value for JSON: a table with items is a list. */
export const toJson = (value: LuaValue): unknown => {
  if (!isTable(value)) return value
  return value.items.length > 0
    ? value.items.map(toJson)
    : Object.fromEntries([...value.fields].map(([name, field]) => [textOf(name), toJson(field)]))
}
