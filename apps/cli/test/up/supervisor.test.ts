import { EventEmitter, once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { neverAborted, readHost } from "@twolane/common"
import { makeTempFolder } from "@twolane/testkit"
import { expect, test } from "vitest"
import type { PartSpec } from "../../src/up/part.ts"
import { endLeftover, privateRedis, untilReady } from "../../src/up/private-redis.ts"
import { askRedis, isReady } from "../../src/up/redis-wire.ts"
import { supervise } from "../../src/up/supervisor.ts"

/** A supervisor of one script; `line` is each line that it writes, `say` and `giveUp` are what the supervisor says. */
const supervised = (code: string, quiet = false) => {
  const heard = new EventEmitter<{ line: [string]; say: [string]; giveUp: [string] }>()
  const supervisor = supervise({
    say: line => heard.emit("say", line),
    giveUp: why => heard.emit("giveUp", why),
    drainMs: 0,
  })
  const spec: PartSpec = {
    name: "a",
    program: process.execPath,
    args: ["-e", code],
    env: { PATH: readHost().path },
    ...(quiet ? {} : { onLine: line => void heard.emit("line", line) }),
  }
  return { heard, supervisor, spec }
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}/stat`)
const tellPidAndStay = "console.log(process.pid); setInterval(() => {}, 1000)"

test("a part that dies is started again, and nothing is left at the end", async () => {
  const { heard, supervisor, spec } = supervised(tellPidAndStay)
  supervisor.start(spec)
  const [first] = await once(heard, "line")
  const [said, again] = [once(heard, "say"), once(heard, "line")]
  process.kill(Number(first), "SIGKILL")
  expect(await said).toEqual(["a ended (SIGKILL) and is started again"])
  const [second] = await again
  expect(second).not.toBe(first)
  await supervisor[Symbol.asyncDispose]()
  expect([isAlive(Number(first)), isAlive(Number(second))]).toEqual([false, false])
})

test("a part that does not stay up is given up, with its last words", async () => {
  const { heard, supervisor, spec } = supervised("console.error('no room'); process.exit(3)", true)
  const gaveUp = once(heard, "giveUp")
  supervisor.start(spec)
  expect(await gaveUp).toEqual(["a does not stay up (exit code 3, 3 times)\n  no room"])
  await supervisor[Symbol.asyncDispose]()
})

test("a part that refuses to start is not started again", async () => {
  const { heard, supervisor, spec } = supervised("process.exit(78)")
  const gaveUp = once(heard, "giveUp")
  supervisor.start(spec)
  expect(await gaveUp).toEqual(["a refused to start (its reason is above)"])
  await supervisor[Symbol.asyncDispose]()
})

test("a part whose program is not there is given up", async () => {
  const { heard, supervisor, spec } = supervised("")
  const gaveUp = once(heard, "giveUp")
  supervisor.start({ ...spec, program: "/no/such/program" })
  expect((await gaveUp)[0]).toContain("a does not stay up")
  await supervisor[Symbol.asyncDispose]()
})

test("a part that ignores SIGTERM can be killed at once", async () => {
  const { heard, supervisor, spec } = supervised(`process.on("SIGTERM", () => {}); ${tellPidAndStay}`)
  supervisor.start(spec)
  const [pid] = await once(heard, "line")
  supervisor.kill()
  await supervisor[Symbol.asyncDispose]()
  expect(isAlive(Number(pid))).toBe(false)
})

const silent = { say: () => {}, giveUp: () => {}, drainMs: 0 }

test("the private Redis keeps its data over a restart, and its command line names no folder of the user's", async () => {
  await using folder = await makeTempFolder("twl-gateway-")
  using redis = privateRedis(join(folder.path, "deep-worker"))
  for (const round of [1, 2]) {
    await using supervisor = supervise(silent)
    supervisor.start(redis.spec)
    await untilReady(redis.socketPath, neverAborted())
    expect(await askRedis(redis.socketPath, "CONFIG GET appendfsync")).toContain("always")
    expect(await askRedis(redis.socketPath, "INCR rounds")).toBe(`:${round}\r\n`)
    const pid = /process_id:(\d+)/.exec(await askRedis(redis.socketPath, "INFO server"))?.[1]
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toMatch(/gateway|worker/)
  }
  expect(await isReady(redis.socketPath)).toBe(false)
})

test("a Redis that a killed supervisor left is ended before the next one starts", async () => {
  await using folder = await makeTempFolder("twl-left-")
  using redis = privateRedis(folder.path)
  await using supervisor = supervise(silent)
  supervisor.start(redis.spec)
  await untilReady(redis.socketPath, neverAborted())
  await endLeftover(redis.socketPath, neverAborted())
  expect(await isReady(redis.socketPath)).toBe(false)
})
