import { readFileSync } from "node:fs"
import { join } from "node:path"
import { neverAborted, readConfig } from "@twolane/common"
import { expect, test } from "vitest"
import { type Check, checks } from "../src/doctor/finding.ts"
import { checkFileSpeed, checkUser, jailFindings } from "../src/doctor/machine.ts"
import { checkModels } from "../src/doctor/service.ts"

/** Where each check is seen to fail: a file beside this one, and the test's name. */
const seen: Record<Check, [file: string, name: string]> = {
  user: ["doctor-checks", "root is worth knowing"],
  settings: ["doctor", "the gateway is away, and a setting is mistyped"],
  keys: ["doctor", "keys can be read by others, or are damaged"],
  redis: ["doctor", "Redis and git are too old"],
  "redis settings": ["doctor", "a Redis of one's own does not answer, or would lose tasks"],
  clock: ["doctor", "a clock that is %i ms behind is %s"],
  git: ["doctor", "Redis and git are too old"],
  jail: ["doctor", "there is no jail, and whether commands are refused or nothing starts"],
  "jail limits": ["doctor-checks", "a jail whose limits only a watcher keeps is one, and it is said"],
  disk: ["doctor", "the disk is nearly full (needs the right to mount)"],
  archive: ["doctor", "the archive cannot be written, or is another one than that of Redis"],
  "file speed": ["doctor-checks", "files that are made slowly are worth knowing"],
  models: ["doctor-checks", "no model is configured, or one lane's is not"],
  "fast model": ["doctor", "a provider refuses the key, or does not know the model"],
  "deep model": ["doctor", "a provider refuses the key, or does not know the model"],
  prices: ["doctor", "a provider refuses the key, or does not know the model"],
  slack: ["chat", "doctor says who we are on each platform, and that a token is refused"],
  discord: ["chat", "doctor says who we are on each platform, and that a token is refused"],
  "chat links": ["chat", "doctor says who we are on each platform, and that a token is refused"],
  github: [
    "github",
    "doctor says who the App is, what it lacks at GitHub, and that its deliveries go elsewhere",
  ],
  "github webhook": [
    "github",
    "doctor says who the App is, what it lacks at GitHub, and that its deliveries go elsewhere",
  ],
  gateway: ["doctor", "the gateway is away, and a setting is mistyped"],
}

test.each(checks)("the check %s is seen to fail", check => {
  const [file, name] = seen[check]
  const text = readFileSync(join(import.meta.dirname, `${file}.test.ts`), "utf8")
  const at = text.lastIndexOf(`"${name}"`)
  expect(at, `${file}.test.ts has no test "${name}"`).toBeGreaterThan(0)
  // The cases of a `test.each` stand before its name.
  const from = name.includes("%") ? text.lastIndexOf("test.each", at) : at
  const end = text.indexOf("\n})", at)
  const body = text.slice(from, end < 0 ? undefined : end)
  expect(body).toContain(`"${check}"`)
  expect(body).toMatch(/"(?:warn|bad)"/)
})

test("root is worth knowing", () => {
  expect([checkUser(0), checkUser(1000)]).toMatchObject([
    { check: "user", verdict: "warn" },
    { check: "user", verdict: "ok" },
  ])
})

test("a jail whose limits only a watcher keeps is one, and it is said", () => {
  const notice = "no cgroup of ours: memory and processes are looked at, not limited"
  const sandbox = { mode: "jail" as const, bwrap: "/usr/bin/bwrap", cgroup: null, notice }
  expect(jailFindings(sandbox, { sandbox: "auto" })).toEqual([
    { check: "jail", verdict: "ok", detail: "bubblewrap works" },
    { check: "jail limits", verdict: "warn", detail: notice },
  ])
})

test("files that are made slowly are worth knowing", () => {
  expect([checkFileSpeed(0.51), checkFileSpeed(0.05)]).toEqual([
    { check: "file speed", verdict: "warn", detail: "0.51 ms to make a file: large checkouts will be slow" },
    { check: "file speed", verdict: "ok", detail: "0.05 ms to make a file" },
  ])
})

test("no model is configured, or one lane's is not", async () => {
  const found = async (env: Record<string, string>) =>
    (await checkModels(readConfig(env), neverAborted())).map(({ check, verdict }) => [check, verdict])
  expect(await found({})).toEqual([["models", "warn"]])
  const url = "http://127.0.0.1:1/v1"
  expect(await found({ TWOLANE_FAST_BASE_URL: url })).toEqual([
    ["fast model", "warn"],
    ["deep model", "warn"],
    ["prices", "warn"],
  ])
})
