import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { makeTempFolder } from "@twolane/testkit"
import { expect, test } from "vitest"
import { takeLock, tryLock } from "../../src/git/lock.ts"
import { signal } from "./mirrored.ts"

test("one holds the lock at a time, in turn", async () => {
  await using folder = await makeTempFolder()
  const path = join(folder.path, "lock")
  let inside = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      await using _lock = await takeLock(path, signal)
      inside += 1
      most = Math.max(most, inside)
      await new Promise(resolve => setImmediate(resolve))
      inside -= 1
    }),
  )
  expect(most).toBe(1)
})

test("a lock that is held is not taken by who does not wait, and who waits can leave", async () => {
  await using folder = await makeTempFolder()
  const path = join(folder.path, "lock")
  {
    await using _lock = await takeLock(path, signal)
    expect(await tryLock(path, signal)).toBeNull()
    const leaving = new AbortController()
    const waiting = takeLock(path, leaving.signal)
    leaving.abort({ by: "shutdown" })
    await expect(waiting).rejects.toEqual({ by: "shutdown" })
  }
  const lock = await tryLock(path, signal)
  expect(lock).not.toBeNull()
  await lock?.[Symbol.asyncDispose]()
})

test("the lock of a process that is killed is free at once", async () => {
  await using folder = await makeTempFolder()
  const path = join(folder.path, "lock")
  const source = new URL("../../src/git/lock.ts", import.meta.url).href
  const script = `const { takeLock } = await import(${JSON.stringify(source)})
    await takeLock(${JSON.stringify(path)}, new AbortController().signal)
    console.log("held")
    setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  await once(holder.stdout, "data")
  expect(await tryLock(path, signal)).toBeNull()
  holder.kill("SIGKILL")
  await using lock = await takeLock(path, signal)
  expect(lock).toBeDefined()
})

test("a lock whose file cannot be made is a fault of the machine, as a failed write is", async () => {
  await using folder = await makeTempFolder()
  await expect(takeLock(join(folder.path, "absent", "lock"), signal)).rejects.toMatchObject({
    syscall: "flock",
    code: "ENOLCK",
  })
})
