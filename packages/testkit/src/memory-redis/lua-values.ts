import { type LuaState, lua, to_luastring } from "fengari"
import type { Answer } from "./values.ts"

/** Pushes what Redis answered, as Redis gives it to a script: nil is false, a status is a table with `ok`. */
export const pushAnswer = (state: LuaState, answer: Answer): void => {
  if (answer === null) lua.lua_pushboolean(state, false)
  else if (typeof answer === "string") lua.lua_pushstring(state, to_luastring(answer))
  else if (typeof answer === "number") pushNumber(state, answer)
  else if (Array.isArray(answer)) pushItems(state, answer, pushAnswer)
  else pushFields(state, { ok: answer.status }, pushAnswer)
}

/** Pushes parsed JSON, as cjson does. */
export const pushJson = (state: LuaState, value: unknown): void => {
  if (typeof value === "string") lua.lua_pushstring(state, to_luastring(value))
  else if (typeof value === "boolean") lua.lua_pushboolean(state, value)
  else if (typeof value === "number") pushNumber(state, value)
  else if (value === null || typeof value !== "object") lua.lua_pushnil(state)
  else if (Array.isArray(value)) pushItems(state, value, pushJson)
  else pushFields(state, value as Record<string, unknown>, pushJson)
}

type Push<Item> = (state: LuaState, item: Item) => void

const pushItems = <Item>(state: LuaState, items: readonly Item[], push: Push<Item>): void => {
  lua.lua_createtable(state, items.length, 0)
  for (const [index, item] of items.entries()) {
    push(state, item)
    lua.lua_rawseti(state, -2, index + 1)
  }
}

const pushFields = <Item>(state: LuaState, fields: { [name: string]: Item }, push: Push<Item>): void => {
  lua.lua_createtable(state, 0, 0)
  for (const [name, item] of Object.entries(fields)) {
    push(state, item)
    lua.lua_setfield(state, -2, to_luastring(name))
  }
}

// fengari's whole numbers have 32 bits; a time in ms is a float there.
const pushNumber = (state: LuaState, value: number): void =>
  value === (value | 0) ? lua.lua_pushinteger(state, value) : lua.lua_pushnumber(state, value)

/** What a script returned, as Redis answers it: numbers lose their fraction, a table ends at its first nil. */
export const answerAt = (state: LuaState, index: number): Answer => {
  switch (lua.lua_type(state, index)) {
    case lua.LUA_TNUMBER:
      return Math.trunc(lua.lua_tonumber(state, index))
    case lua.LUA_TSTRING:
      return lua.lua_tojsstring(state, index)
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(state, index) ? 1 : null
    case lua.LUA_TTABLE:
      return tableAt(state, index)
    default:
      return null
  }
}

const tableAt = (state: LuaState, index: number): Answer => {
  lua.lua_getfield(state, index, to_luastring("ok"))
  const status = lua.lua_type(state, -1) === lua.LUA_TSTRING ? lua.lua_tojsstring(state, -1) : null
  lua.lua_pop(state, 1)
  if (status !== null) return { status }
  lua.lua_pushvalue(state, index)
  const answers: Answer[] = []
  for (let item = 1; ; item++) {
    lua.lua_rawgeti(state, -1, item)
    const ends = lua.lua_type(state, -1) === lua.LUA_TNIL
    if (!ends) answers.push(answerAt(state, -1))
    lua.lua_pop(state, 1)
    if (ends) break
  }
  lua.lua_pop(state, 1)
  return answers
}

/** A word that a script gives to a command. */
export const wordAt = (state: LuaState, index: number): string => {
  const type = lua.lua_type(state, index)
  if (type !== lua.LUA_TSTRING && type !== lua.LUA_TNUMBER)
    throw new Error("Lua redis() command arguments must be strings or integers")
  if (type === lua.LUA_TNUMBER && !lua.lua_isinteger(state, index))
    return String(lua.lua_tonumber(state, index))
  return lua.lua_tojsstring(state, index)
}

/** The value at an index for JSON: a table with a first item is an array. */
export const jsonAt = (state: LuaState, index: number): unknown => {
  switch (lua.lua_type(state, index)) {
    case lua.LUA_TNUMBER:
      return lua.lua_tonumber(state, index)
    case lua.LUA_TSTRING:
      return lua.lua_tojsstring(state, index)
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(state, index)
    case lua.LUA_TTABLE:
      return lua.lua_rawlen(state, index) > 0 ? tableAt(state, index) : fieldsAt(state, index)
    default:
      return null
  }
}

const fieldsAt = (state: LuaState, index: number): Record<string, unknown> => {
  const fields: Record<string, unknown> = {}
  lua.lua_pushvalue(state, index)
  lua.lua_pushnil(state)
  while (lua.lua_next(state, -2) !== 0) {
    fields[lua.lua_tojsstring(state, -2)] = jsonAt(state, -1)
    lua.lua_pop(state, 1)
  }
  lua.lua_pop(state, 1)
  return fields
}
