/** What we use of fengari, which has no types of its own: the C API of Lua 5.3 over a stack. */
declare module "fengari" {
  export type LuaState = { readonly __lua: unique symbol }
  export type LuaString = Uint8Array
  export const to_luastring: (text: string) => LuaString
  export const to_jsstring: (text: LuaString) => string
  export const lua: {
    LUA_OK: number
    LUA_REGISTRYINDEX: number
    LUA_TNIL: number
    LUA_TBOOLEAN: number
    LUA_TNUMBER: number
    LUA_TSTRING: number
    LUA_TTABLE: number
    lua_gettop: (state: LuaState) => number
    lua_settop: (state: LuaState, index: number) => void
    lua_type: (state: LuaState, index: number) => number
    lua_toboolean: (state: LuaState, index: number) => boolean
    lua_tonumber: (state: LuaState, index: number) => number
    lua_tojsstring: (state: LuaState, index: number) => string
    lua_isinteger: (state: LuaState, index: number) => boolean
    lua_pushnil: (state: LuaState) => void
    lua_pushboolean: (state: LuaState, value: boolean) => void
    lua_pushinteger: (state: LuaState, value: number) => void
    lua_pushnumber: (state: LuaState, value: number) => void
    lua_pushstring: (state: LuaState, text: LuaString) => void
    lua_pushjsfunction: (state: LuaState, call: (state: LuaState) => number) => void
    lua_createtable: (state: LuaState, items: number, fields: number) => void
    lua_rawseti: (state: LuaState, table: number, index: number) => void
    lua_rawgeti: (state: LuaState, table: number, index: number) => number
    lua_rawlen: (state: LuaState, index: number) => number
    lua_setfield: (state: LuaState, table: number, name: LuaString) => void
    lua_getfield: (state: LuaState, table: number, name: LuaString) => number
    lua_next: (state: LuaState, table: number) => number
    lua_pushvalue: (state: LuaState, index: number) => void
    lua_pop: (state: LuaState, count: number) => void
    lua_pcall: (state: LuaState, args: number, results: number, handler: number) => number
    lua_setglobal: (state: LuaState, name: LuaString) => void
    lua_getglobal: (state: LuaState, name: LuaString) => number
    /** Never returns: it throws the value on top of the stack. */
    lua_error: (state: LuaState) => never
  }
  export const lauxlib: {
    luaL_newstate: () => LuaState
    luaL_loadstring: (state: LuaState, source: LuaString) => number
    luaL_ref: (state: LuaState, table: number) => number
  }
  export const lualib: { luaL_openlibs: (state: LuaState) => void }
}
