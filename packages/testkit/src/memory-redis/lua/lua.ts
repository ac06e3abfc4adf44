import { compileFunction } from "node:vm"
import { parse } from "luaparse"
import type { Answer } from "../values.ts"
import { type CallRedis, makeGlobals } from "./library.ts"
import * as operators from "./operators.ts"
import { answerOf } from "./redis-values.ts"
import { makeScope } from "./scope.ts"
import { writeBlock } from "./statements.ts"
import { type LuaTable, type LuaValue, makeTable } from "./table.ts"

/** Runs Lua sources as Redis runs them: with KEYS, ARGV, `redis.call` and `cjson`. */
export type LuaRunner = (source: string, keys: readonly string[], args: readonly string[]) => Answer

type Compiled = ($: object, globals: LuaTable, keys: LuaTable, args: LuaTable) => LuaValue[]

/** Scripts keep nothing between two runs, so that one compilation serves every Redis of the process. */
const compiled = new Map<string, Compiled>()
const library = { ...operators, makeTable }

const compile = (source: string): Compiled => {
  const known = compiled.get(source)
  if (known !== undefined) return known
  const { body } = parse(source, { luaVersion: "5.1", encodingMode: "pseudo-latin1", comments: false })
  const code = `"use strict";\n${writeBlock(body, makeScope(["KEYS", "ARGV"]))}\nreturn []`
  const run = compileFunction(code, ["$", "globals", "KEYS", "ARGV"]) as Compiled
  compiled.set(source, run)
  return run
}

/** Makes a runner whose `redis.call` goes to `call`. Lua 5.1 becomes JavaScript: an interpreter took most of the simulation's time. */
export const makeLua = (call: CallRedis): LuaRunner => {
  const globals = makeGlobals(call)
  return (source, keys, args) => {
    try {
      const [answer] = compile(source)(library, globals, makeTable(keys), makeTable(args))
      return answerOf(answer)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      throw new Error(/^[A-Z]+ /.test(message) ? message : `ERR ${message}`)
    }
  }
}
