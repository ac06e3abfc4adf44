import { type LuaState, lua, to_luastring } from "fengari"
import type { Answer } from "./values.ts"

/** Pushes what Redis answered, as Redis gives it to a script: nil is false, a status is a table with `ok`. */
export const pushAnswer = (state: LuaState, answer: Answer): void => {
  if (answer === null) return lua.lua_pushboolean(state, false)
  if (typeof answer === "string") return lua.lua_pushstring(state, to_luastring(answer))
  if (typeof answer === "number") return pushNumber(state, answer)
  if (!Array.isArray(answer)) {
    lua.lua_createtable(state, 0, 1)
    lua.lua_pushstring(state, to_luastring(answer.status))
    return lua.lua_setfield(state, -2, to_luastring("ok"))
  }
  lua.lua_createtable(state, answer.length, 0)
  for (const [index, item] of answer.entries()) {
    pushAnswer(state, item)
    lua.lua_rawseti(state, -2, index + 1)
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

/** Pushes parsed JSON, as cjson does. */
export const pushJson = (state: LuaState, value: unknown): void => {
  if (typeof value === "string") return lua.lua_pushstring(state, to_luastring(value))
  if (typeof value === "boolean") return lua.lua_pushboolean(state, value)
  if (typeof value === "number") return pushNumber(state, value)
  if (value === null || typeof value !== "object") return lua.lua_pushnil(state)
  if (Array.isArray(value)) {
    lua.lua_createtable(state, value.length, 0)
    for (const [index, item] of value.entries()) {
      pushJson(state, item)
      lua.lua_rawseti(state, -2, index + 1)
    }
    return
  }
  lua.lua_createtable(state, 0, 0)
  for (const [name, item] of Object.entries(value)) {
    pushJson(state, item)
    lua.lua_setfield(state, -2, to_luastring(name))
  }
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
