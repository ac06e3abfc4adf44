import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeTempFolder } from "@twolane/testkit"
import { expect, test } from "vitest"
import { takeDataFolder } from "../../src/up/lock.ts"

const taken = (folder: string): Disposable => {
  const lock = takeDataFolder(folder)
  if ("pid" in lock) throw new Error(`held by ${lock.pid}`)
  return lock
}

test("a data folder is taken once, and is free again afterwards", async () => {
  await using folder = await makeTempFolder("twl-lock-")
  {
    using _first = taken(folder.path)
    expect(takeDataFolder(folder.path)).toEqual({ pid: process.pid })
  }
  expect(existsSync(join(folder.path, "up.lock"))).toBe(false)
})

test("what a dead process left behind is taken over", async () => {
  await using folder = await makeTempFolder("twl-lock-")
  const dead = spawn("true")
  await once(dead, "exit")
  writeFileSync(join(folder.path, "up.lock"), `${dead.pid} 12345`)
  using _lock = taken(folder.path)
  expect(takeDataFolder(folder.path)).toEqual({ pid: process.pid })
})

test("a pid that lives again as another process holds nothing", async () => {
  await using folder = await makeTempFolder("twl-lock-")
  writeFileSync(join(folder.path, "up.lock"), `${process.pid} 1`)
  using _lock = taken(folder.path)
  expect(takeDataFolder(folder.path)).toEqual({ pid: process.pid })
})
