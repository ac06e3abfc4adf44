import { type LuaState, lauxlib, lua, lualib, to_luastring } from "fengari"
import { answerAt, jsonAt, pushAnswer, pushJson, wordAt } from "./lua-values.ts"
import type { Answer } from "./values.ts"

/** Runs Lua sources as Redis runs them: with KEYS, ARGV, `redis.call` and `cjson`. */
export type LuaRunner = (source: string, keys: readonly string[], args: readonly string[]) => Answer

/** fengari is Lua 5.3, with whole numbers of 32 bits: what is beyond is a float, which 5.3 would write as "1795817553197.0". */
const asIn51 = `
unpack = table.unpack
local plain = tostring
function tostring(value)
  if math.type(value) == "float" and value == math.floor(value) then return string.format("%.0f", value) end
  return plain(value)
end`

/**
 * Makes a runner whose `redis.call` goes to `call`. Each source is compiled once. A script must give large numbers to
 * `tostring` before it joins them to a text; a test compares what ours do with the real Redis.
 */
export const makeLua = (call: (words: readonly string[]) => Answer): LuaRunner => {
  const state = lauxlib.luaL_newstate()
  lualib.luaL_openlibs(state)
  openRedis(state, call)
  openJson(state)
  if (lauxlib.luaL_loadstring(state, to_luastring(asIn51)) !== lua.LUA_OK) throw errorOf(state)
  if (lua.lua_pcall(state, 0, 0, 0) !== lua.LUA_OK) throw errorOf(state)

  const compiled = new Map<string, number>()
  const compile = (source: string): number => {
    const known = compiled.get(source)
    if (known !== undefined) return known
    const wrapped = `local KEYS, ARGV = ...\n${source}`
    if (lauxlib.luaL_loadstring(state, to_luastring(wrapped)) !== lua.LUA_OK) throw errorOf(state)
    const reference = lauxlib.luaL_ref(state, lua.LUA_REGISTRYINDEX)
    compiled.set(source, reference)
    return reference
  }
  return (source, keys, args) => {
    lua.lua_rawgeti(state, lua.LUA_REGISTRYINDEX, compile(source))
    pushAnswer(state, [...keys])
    pushAnswer(state, [...args])
    if (lua.lua_pcall(state, 2, 1, 0) !== lua.LUA_OK) throw errorOf(state)
    const answer = answerAt(state, -1)
    lua.lua_settop(state, 0)
    return answer
  }
}

const errorOf = (state: LuaState): Error => {
  const message = lua.lua_tojsstring(state, -1)
  lua.lua_settop(state, 0)
  return new Error(`ERR ${message}`)
}

const openRedis = (state: LuaState, call: (words: readonly string[]) => Answer): void => {
  lua.lua_createtable(state, 0, 1)
  define(state, "call", own => {
    const words = Array.from({ length: lua.lua_gettop(own) }, (_, index) => wordAt(own, index + 1))
    pushAnswer(own, call(words))
  })
  lua.lua_setglobal(state, to_luastring("redis"))
}

const openJson = (state: LuaState): void => {
  lua.lua_createtable(state, 0, 2)
  define(state, "decode", own => pushJson(own, JSON.parse(lua.lua_tojsstring(own, 1))))
  define(state, "encode", own => lua.lua_pushstring(own, to_luastring(JSON.stringify(jsonAt(own, 1)))))
  lua.lua_setglobal(state, to_luastring("cjson"))
}

/** Defines a function of one result in the table on top of the stack; what it throws is an error of the script. */
const define = (state: LuaState, name: string, run: (own: LuaState) => void): void => {
  lua.lua_pushjsfunction(state, own => {
    const failed = failureOf(() => run(own))
    if (failed === null) return 1
    lua.lua_pushstring(own, to_luastring(failed))
    return lua.lua_error(own)
  })
  lua.lua_setfield(state, -2, to_luastring(name))
}

// Lua's own errors are thrown through JavaScript as well, so nothing of Lua's may run inside the catch.
const failureOf = (run: () => void): string | null => {
  try {
    run()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
