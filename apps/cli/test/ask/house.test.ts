import { execFileSync } from "node:child_process"
import { join } from "node:path"
import {
  call,
  type House,
  type ModelServer,
  makeSampleRepo,
  makeTempFolder,
  type Script,
  sampleScript,
  say,
  startHouse,
  startModel,
  type TempFolder,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { caller } from "../twolane.ts"
import { type AtTerminal, startAtTerminal } from "./start-terminal.ts"

const long = "Each part of a duration has a number and a unit. ".repeat(2_000)
const outOfScope = `*** Begin Patch
*** Update File: README.md
@@
-# Durations
+# Durations!
*** End Patch`

/** What the newest message of a person asks for decides; the sample's own script mends what fails. */
const script: Script = async request => {
  const newest = JSON.stringify(request.items.filter(item => item.role === "user").at(-1) ?? "")
  const asked = newest.slice(Math.max(newest.lastIndexOf("The task:"), newest.lastIndexOf("The change:"), 0))
  if (asked.includes("Explain at length")) return { ...say(long), tokensPerSecond: 1_000 }
  if (asked.includes("in one sentence")) return say("It reads durations.")
  const refused = JSON.stringify(request.items).includes("is not in the scope")
  if (asked.includes("README") && !refused)
    return { ...call(["apply_patch", outOfScope]), tokensPerSecond: 1_000 }
  return sampleScript(request)
}

let folder: TempFolder
let model: ModelServer
let house: House
let sample = ""

beforeAll(async () => {
  folder = await makeTempFolder("twl-ask-")
  model = await startModel({ script })
  house = await startHouse({ modelUrl: model.url, fastWorkers: 1 })
  sample = await makeSampleRepo(join(folder.path, "sample"))
  await house.call("POST", "/v1/repos", { name: "sample", source: sample })
})
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
  await model?.stop()
  await folder?.[Symbol.asyncDispose]()
})

const env = () => ({ TWOLANE_URL: house.url, TWOLANE_API_KEY: house.apiKey })
const ask = (...args: string[]): AtTerminal => startAtTerminal(["ask", ...args], env())
const idle = "○ what next?"

test("without a terminal one fast turn is patched, red, patched again and green, with its timings", async () => {
  const { code, out, notes } = await caller(env())(["ask", "Fix the failing test"])
  expect([code, notes]).toEqual([0, ""])
  const order = [
    "+  m: 60_000,",
    "tests failed",
    "+  h: 3_600_000,",
    "tests passed: 4 passed",
    "succeeded",
    "first token",
  ]
  const found = order.map(text => out.indexOf(text))
  expect(found, out).toEqual(found.toSorted((a, b) => a - b))
  expect(found).not.toContain(-1)
})

test("at a terminal a turn is steered and interrupted, and the next one is accepted", async () => {
  await using terminal = ask("Explain at length")
  await terminal.until("number and a unit")
  terminal.press("in one sentence\r")
  await terminal.until("steering: in one sentence")
  await terminal.until("the steering note was taken up")
  await terminal.until("It reads durations.")
  await terminal.until(idle)
  terminal.press("Explain at length\r")
  await terminal.until("number and a unit")
  terminal.press("\x1b")
  await terminal.until("canceled by")
  await terminal.until(idle)
  terminal.press("Fix the failing test\r")
  await terminal.until("tests passed: 4 passed")
  await terminal.until(idle)
  terminal.press("/undo\r")
  await terminal.until("the newest change is undone; left of the task's change: 1 file, +1 -1")
  terminal.press("/accept\r")
  await terminal.until("accepted: branch twolane/")
  terminal.press("/quit\r")
  const { code, restored, out } = await terminal.ended
  expect([code, restored]).toEqual([0, true])
  const id = /task_\w+/.exec(out)?.[0] ?? ""
  expect(execFileSync("git", ["-C", sample, "branch", "--list"], { encoding: "utf8" })).toContain(id)
})

test("a patch beyond the scope is stopped while it is written, and the model tries again", async () => {
  await using terminal = ask("-s", "src/**", "--", "Fix the README")
  await terminal.until("guardrail scope (stream): steer")
  await terminal.until("the model is told, and tries again")
  await terminal.until("tests passed: 4 passed")
  await terminal.until(idle)
  terminal.press("/quit\r")
  expect(await terminal.ended).toMatchObject({ code: 0, restored: true })
})

test("/deep hands the running turn over, the deep one is followed here, and the next prompt is fast again", async () => {
  await using terminal = ask("Explain at length")
  await terminal.until("number and a unit")
  terminal.press("/deep Fix the failing test\r")
  await terminal.until("handed to the other lane")
  await terminal.until("tests passed: 4 passed")
  await terminal.until(idle)
  terminal.press("What is it, in one sentence?\r")
  await terminal.until("It reads durations.")
  await terminal.until(idle)
  terminal.press("\x03")
  const { code, out } = await terminal.ended
  expect(code).toBe(0)
  const id = /task_\w+/.exec(out)?.[0] ?? ""
  const { body } = await house.call("GET", `/v1/tasks/${id}`)
  expect(body).toMatchObject({
    turns: [
      { lane: "fast", status: "handed_off" },
      { lane: "deep", status: "succeeded" },
      { lane: "fast", status: "succeeded" },
    ],
  })
})

test("whoever leaves a fast turn ends it", async () => {
  await using terminal = ask("Explain at length")
  const out = await terminal.until("number and a unit")
  const id = /task_\w+/.exec(out)?.[0] ?? ""
  terminal.kill("SIGTERM")
  expect(await terminal.ended).toMatchObject({ code: 143, restored: true })
  const status = async () => (await house.call("GET", `/v1/tasks/${id}`)).body
  await expect.poll(status).toMatchObject({ status: "canceled" })
})
