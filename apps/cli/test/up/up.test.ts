import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { makeTempFolder } from "@twolane/testkit"
import { expect, test } from "vitest"
import { gone, processesOn, startUp } from "./start-up.ts"

// The parts that this file is about need no worker.
const noWorkers = { TWOLANE_DEEP_WORKERS: "0", LOG_LEVEL: "warn" }

test("it prints one line with the address and one with the key, and leaves nothing running", async () => {
  await using folder = await makeTempFolder("twl-up-")
  const up = await startUp(folder.path, noWorkers)
  const keyLine = await up.line("API key: ")
  expect(up.out.filter(line => line.includes(up.url))).toEqual([
    expect.stringMatching(/^Twolane runs at http:\/\/127\.0\.0\.1:\d+\/sign-in#[\w-]{43} \(signs in once/),
  ])
  expect(up.out.filter(line => line.includes("API key: "))).toHaveLength(1)

  const key = keyLine.replace("API key: ", "")
  const answer = await fetch(`${up.url}/v1/repos`, { headers: { authorization: `Bearer ${key}` } })
  expect(answer.status).toBe(200)
  const page = await fetch(up.url)
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<title>Twolane</title>")])
  expect(statSync(join(folder.path, "keys.json")).mode & 0o777).toBe(0o600)
  const parts = processesOn(folder.path).filter(({ command }) => /gateway|worker/.test(command))
  expect(parts.map(({ command }) => command.replace(/^\S+ /, ""))).toEqual([
    "apps/gateway/src/main.ts",
    "apps/fast-worker/src/main.ts",
  ])

  up.child.kill("SIGINT")
  expect(await up.ended).toBe(0)
  expect(processesOn(folder.path)).toEqual([])
  expect(readdirSync(folder.path)).not.toContain("up.lock")
})

test("without a model it says so, and the sample repository outlives a restart", async () => {
  await using folder = await makeTempFolder("twl-up-")
  for (const _round of [1, 2]) {
    await using up = await startUp(folder.path, noWorkers)
    expect(await up.line("Try it: ")).toBe('Try it: npx twolane run -r sample "Fix the failing test"')
    expect(up.out.filter(line => line.includes("SIMULATED"))).toHaveLength(1)
    const key = (await up.line("API key: ")).replace("API key: ", "")
    const answer = await fetch(`${up.url}/v1/repos/sample`, { headers: { authorization: `Bearer ${key}` } })
    expect(await answer.json()).toMatchObject({ name: "sample", defaultBranch: "main" })
  }
})

test("a second start on the same data folder is refused, and the first goes on", async () => {
  await using folder = await makeTempFolder("twl-up-")
  await using first = await startUp(folder.path, noWorkers)
  await first.line("API key: ")
  const second = await startUp(folder.path, noWorkers)
  expect(await second.ended).toBe(1)
  expect(second.notes).toEqual([
    `twolane: Twolane runs already on ${folder.path} (process ${first.child.pid}); stop it first.`,
  ])
  expect((await fetch(`${first.url}/healthz`)).status).toBe(200)

  await using other = await makeTempFolder("twl-up-")
  const third = await startUp(other.path, { ...noWorkers, TWOLANE_PORT: new URL(first.url).port })
  expect(await third.ended).toBe(1)
  expect(third.notes.at(-1)).toContain("is in use by another program")
})

test("a gateway that is killed comes back", async () => {
  await using folder = await makeTempFolder("twl-up-")
  await using up = await startUp(folder.path, noWorkers)
  await up.line("API key: ")
  const gateway = processesOn(folder.path).find(({ command }) => command.includes("gateway"))?.pid ?? 0
  process.kill(gateway, "SIGKILL")
  await gone(gateway)
  const isBack = async () => (await fetch(`${up.url}/healthz`).catch(() => null))?.ok === true
  await expect.poll(isBack).toBe(true)
  expect(up.notes).toContain("gateway ended (SIGKILL) and is started again")
})

test.runIf(process.platform === "linux")("a supervisor that is killed takes its parts with it", async () => {
  await using folder = await makeTempFolder("twl-up-")
  const up = await startUp(folder.path, noWorkers)
  await up.line("API key: ")
  up.child.kill("SIGKILL")
  await up.ended
  await expect.poll(() => processesOn(folder.path)).toEqual([])
})

test("a wrong setting stops the start with one line that names it", async () => {
  await using folder = await makeTempFolder("twl-up-")
  const up = await startUp(folder.path, { TWOLANE_SANDBOX: "maybe" })
  expect(await up.ended).toBe(2)
  expect(up.notes).toEqual(["twolane: TWOLANE_SANDBOX: must be one of auto, required, off"])
})
