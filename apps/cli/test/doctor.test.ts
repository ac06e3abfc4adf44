import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  type House,
  makeTempFolder,
  type PrivateRedis,
  startHouse,
  startModel,
  startRedis,
  type TempFolder,
} from "@twolane/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Finding } from "../src/doctor/finding.ts"
import { checkClock } from "../src/doctor/service.ts"
import { caller } from "./twolane.ts"

let folder: TempFolder
let redis: PrivateRedis
let model: Awaited<ReturnType<typeof startModel>>
let house: House

beforeAll(async () => {
  folder = await makeTempFolder("twl-doctor-")
  redis = await startRedis()
  model = await startModel({ script: () => ({ items: [] }), models: ["known"], apiKey: "right-key" })
  house = await startHouse({ modelUrl: model.url })
})
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
  await model?.stop()
  await redis?.stop()
  await folder?.[Symbol.asyncDispose]()
})

let folders = 0
const newFolder = (): string => {
  const path = join(folder.path, String(folders++))
  mkdirSync(path)
  return path
}

/** What the doctor finds with some settings, in a data folder of its own. */
const findings = async (env: Record<string, string>): Promise<{ code: number | null; found: Finding[] }> => {
  const { code, out, notes } = await caller({ TWOLANE_DATA_DIR: newFolder(), ...env })(["doctor", "--json"])
  if (out === "") throw new Error(notes)
  return { code, found: (JSON.parse(out) as { findings: Finding[] }).findings }
}
const of = (check: string, { found }: { found: Finding[] }): [Finding["verdict"], string][] =>
  found.filter(finding => finding.check === check).map(({ verdict, detail }) => [verdict, detail])

/** A PATH with just these programs: a script each, or the machine's own (null). */
const pathWith = (programs: Record<string, string | null>): string => {
  const path = newFolder()
  for (const [name, content] of Object.entries(programs)) {
    if (content === null)
      symlinkSync(execFileSync("which", [name], { encoding: "utf8" }).trim(), join(path, name))
    else writeFileSync(join(path, name), `#!/bin/sh\n${content}\n`, { mode: 0o755 })
  }
  return path
}

describe("the doctor says that", () => {
  test("all is well on a machine where all is", async () => {
    const seen = await findings({ TWOLANE_URL: house.url, TWOLANE_API_KEY: house.apiKey })
    expect(seen.code).toBe(0)
    expect(seen.found.filter(({ verdict }) => verdict === "bad")).toEqual([])
    expect(of("gateway", seen)).toEqual([["ok", expect.stringContaining(house.url)]])
    expect(of("keys", seen)).toEqual([["ok", "none yet: the first start makes them"]])
  })

  test("Redis and git are missing", async () => {
    const seen = await findings({ PATH: pathWith({ node: null, sh: null }) })
    expect(seen.code).toBe(1)
    expect(of("redis", seen)).toEqual([
      ["bad", expect.stringMatching(/^none of .*redis-server.* is on PATH$/)],
    ])
    expect(of("git", seen)).toEqual([["bad", "git is not on PATH"]])
  })

  test("Redis and git are too old", async () => {
    const old = {
      "redis-server": "echo 'Redis server v=6.2.14 sha=0 malloc=libc bits=64'",
      git: "echo git version 2.30.2",
      sh: null,
    }
    const seen = await findings({ PATH: pathWith(old) })
    expect(of("redis", seen)).toEqual([["bad", expect.stringContaining("redis-server 6.2.14 is too old")]])
    expect(of("git", seen)).toEqual([["bad", expect.stringContaining("git 2.30.2 is too old")]])
  })

  test("there is no jail, and whether commands are refused or nothing starts", async () => {
    const path = pathWith({ bwrap: "echo no namespaces here >&2; exit 1", sh: null, git: null })
    expect(of("jail", await findings({ PATH: path }))).toEqual([
      ["warn", expect.stringMatching(/^commands are refused: /)],
    ])
    const required = await findings({ PATH: path, TWOLANE_SANDBOX: "required" })
    expect([required.code, of("jail", required)]).toEqual([1, [["bad", expect.any(String)]]])
    expect(of("jail", await findings({ TWOLANE_SANDBOX: "off" }))).toEqual([["warn", expect.any(String)]])
  })

  test("a Redis of one's own does not answer, or would lose tasks", async () => {
    const away = await findings({ REDIS_URL: "redis://127.0.0.1:1" })
    expect([away.code, of("redis settings", away)]).toEqual([
      1,
      [["bad", expect.stringMatching(/^REDIS_URL does not answer: /)]],
    ])
    const socket = redis.socketPath ?? ""
    execFileSync("redis-cli", ["-s", socket, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
    const evicting = await findings({ REDIS_URL: redis.url })
    expect(evicting.code).toBe(1)
    expect(of("redis settings", evicting)).toContainEqual([
      "bad",
      expect.stringContaining("maxmemory-policy is allkeys-lru"),
    ])
    expect(of("clock", evicting)).toEqual([["ok", "as Redis's"]])
    execFileSync("redis-cli", ["-s", socket, "CONFIG", "SET", "maxmemory-policy", "noeviction"])
    execFileSync("redis-cli", ["-s", socket, "CONFIG", "SET", "appendonly", "no"])
    expect(of("redis settings", await findings({ REDIS_URL: redis.url }))).toContainEqual([
      expect.stringMatching(/bad|warn/),
      expect.stringMatching(/append|persist/i),
    ])
  })

  test("the archive cannot be written, or is another one than that of Redis", async () => {
    const fresh = await findings({})
    expect(of("archive", fresh)).toEqual([
      ["ok", expect.stringMatching(/archive, made at the first start; .* 30 days/)],
    ])
    const env = { REDIS_URL: redis.url, LOG_LEVEL: "error" }
    expect(of("archive", await findings(env))).toEqual([["warn", expect.stringContaining("stay in Redis")]])
    const path = newFolder()
    expect(of("archive", await findings({ ...env, TWOLANE_ARCHIVE: path }))).toEqual([
      ["ok", expect.stringContaining(path)],
    ])
    expect(readdirSync(join(path, "probes"))).toEqual([])
    const file = join(path, "file")
    writeFileSync(file, "")
    const unwritable = await findings({ ...env, TWOLANE_ARCHIVE: join(file, "archive") })
    expect([unwritable.code, of("archive", unwritable)]).toEqual([
      1,
      [["bad", expect.stringMatching(/ENOTDIR.*TWOLANE_ARCHIVE/)]],
    ])
    execFileSync("redis-cli", ["-s", redis.socketPath ?? "", "SET", "tl:{upkeep}:archive", "elsewhere"])
    const apart = await findings({ ...env, TWOLANE_ARCHIVE: path })
    expect([apart.code, of("archive", apart)]).toEqual([
      1,
      [["bad", expect.stringContaining("share its folder")]],
    ])
    execFileSync("redis-cli", ["-s", redis.socketPath ?? "", "DEL", "tl:{upkeep}:archive"])
  })

  test("a provider refuses the key, or does not know the model", async () => {
    const at = { OPENAI_BASE_URL: model.url }
    const keyless = await findings({ ...at, OPENAI_API_KEY: "wrong-key", TWOLANE_FAST_MODEL: "known" })
    expect([keyless.code, of("fast model", keyless)]).toEqual([
      1,
      [["bad", expect.stringMatching(/refuses the key \(OPENAI_API_KEY/)]],
    ])
    const unknown = await findings({
      ...at,
      OPENAI_API_KEY: "right-key",
      TWOLANE_FAST_MODEL: "known",
      TWOLANE_DEEP_MODEL: "gpt-0",
    })
    expect(of("fast model", unknown)).toEqual([["ok", expect.stringMatching(/^known at /)]])
    expect(of("deep model", unknown)).toEqual([["bad", expect.stringContaining("does not know gpt-0")]])
    expect(of("prices", unknown)).toEqual([["warn", expect.stringMatching(/^none for known, gpt-0/)]])
  })

  test("keys can be read by others, or are damaged", async () => {
    const dataDir = newFolder()
    const path = join(dataDir, "keys.json")
    writeFileSync(path, JSON.stringify({ apiKey: "x".repeat(20), secretKey: "y".repeat(43) }), {
      mode: 0o600,
    })
    const url = { TWOLANE_DATA_DIR: dataDir, TWOLANE_URL: house.url }
    const foreign = await findings(url)
    expect(of("keys", foreign)).toEqual([["ok", path]])
    expect(of("gateway", foreign)).toEqual([["bad", expect.stringContaining("does not take this key")]])
    chmodSync(path, 0o644)
    const open = await findings(url)
    expect([open.code, of("keys", open)]).toEqual([
      1,
      [["bad", `others may read ${path}: chmod 600 it, and change what it keeps`]],
    ])
    writeFileSync(path, "{")
    expect(of("keys", await findings(url))).toEqual([
      ["bad", expect.stringContaining("is damaged: restore it")],
    ])
  })

  test("the gateway is away, and a setting is mistyped", async () => {
    const seen = await findings({
      TWOLANE_URL: "http://127.0.0.1:1",
      TWOLANE_API_KEY: house.apiKey,
      TWOLANE_DEEP_WORKER: "2",
    })
    expect(of("gateway", seen)).toEqual([["warn", "http://127.0.0.1:1 does not answer: it is not running"]])
    expect(of("settings", seen)).toEqual([["warn", expect.stringContaining("TWOLANE_DEEP_WORKER")]])
  })

  test.runIf(process.getuid?.() === 0)("the disk is nearly full (needs the right to mount)", async () => {
    const path = newFolder()
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "twolane-test", path])
    try {
      const seen = await findings({ TWOLANE_DATA_DIR: path })
      expect([seen.code, of("disk", seen)]).toEqual([
        1,
        [["bad", expect.stringMatching(/^the disk is nearly full: 1\d MiB free/)]],
      ])
    } finally {
      execFileSync("umount", [path])
    }
  })
})

test.each([
  [500, "ok", "as Redis's"],
  [12_300, "warn", "this machine's is 12.3 s behind Redis's"],
  [-61_000, "warn", "this machine's is 61.0 s ahead of Redis's"],
])("a clock that is %i ms behind is %s", (skewMs, verdict, detail) => {
  expect(checkClock(skewMs, "Redis")).toEqual({ check: "clock", verdict, detail })
})
