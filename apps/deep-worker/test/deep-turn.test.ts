import {
  call,
  callsOf,
  follow,
  gapsIn,
  getTask,
  type House,
  only,
  type PlayedHouse,
  type Scene,
  say,
  startPlayedHouse,
  submit,
  sumPatch,
  type TempRepo,
  typesOf,
} from "@twolane/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

const mend: Scene = seen => {
  if (callsOf(seen, "read_file") === 0)
    return call(["read_file", { path: "src/sum.js" }], ["search", { pattern: "sum", glob: "test/**" }])
  if (callsOf(seen, "apply_patch") === 0) return call(["apply_patch", sumPatch("a - b", "a + b + 1")])
  const told = seen.some(said => said.kind === "user" && said.text.includes("The tests are red"))
  if (told && callsOf(seen, "apply_patch") === 1) return call(["apply_patch", sumPatch("a + b + 1", "a + b")])
  return say(told ? "Mended." : "Done, I think.")
}

describe.each(["websocket", "sse", "chat"])("a deep turn over %s", transport => {
  let played: PlayedHouse
  let house: House
  let library: TempRepo

  beforeAll(async () => {
    played = await startPlayedHouse({ mend }, { workerEnv: { TWOLANE_MODEL_TRANSPORT: transport } })
    house = played.house
    library = played.library
  })
  afterAll(() => played[Symbol.asyncDispose]())

  test("reads, patches, hears that the tests are red, patches again, is green, and can be accepted", async () => {
    const task = await submit(house, { repo: "sums", prompt: "[mend] sum adds wrongly" })
    const events = await follow(house, task.id)
    expect(gapsIn(events)).toEqual([])
    expect(typesOf(events).filter(type => type !== "usage.reported")).toEqual([
      "task.created",
      "turn.queued",
      "turn.started",
      "workspace.ready",
      "budget.warning",
      "tool.started",
      "tool.started",
      "tool.ended",
      "tool.ended",
      "tool.started",
      "patch.applied",
      "tool.ended",
      "message.done",
      "tests.started",
      "tests.ended",
      "tool.started",
      "patch.applied",
      "tool.ended",
      "message.done",
      "tests.started",
      "tests.ended",
      "change.ready",
      "turn.ended",
    ])
    expect(only(events, "budget.warning")).toMatchObject([
      { which: "cost", used: 0, limit: 5, skipped: "there is no price for gpt-5.3-codex" },
    ])
    expect(only(events, "tests.ended")).toMatchObject([
      { status: "failed", passed: 0, failed: 2, failedAtBase: expect.any(Number) },
      { status: "passed", passed: 2, failed: 0 },
    ])
    const ended = await getTask(house, task.id)
    expect(ended).toMatchObject({
      status: "succeeded",
      change: { files: 1, added: 1, removed: 1 },
      tests: { status: "passed" },
      review: "open",
      base: await library.sha("main"),
    })

    const diff = await house.call("GET", `/v1/tasks/${task.id}/diff`, undefined, { accept: "text/x-diff" })
    expect(diff.text).toContain("+export const sum = (a, b) => a + b\n")

    const accepted = await house.call("POST", `/v1/tasks/${task.id}/accept`, {})
    expect(accepted, accepted.text).toMatchObject({ status: 200, body: { review: "accepted" } })
    expect(await library.git("show", `${task.branch}:src/sum.js`)).toBe("export const sum = (a, b) => a + b")
    expect(
      await library.git("log", "-1", "--format=%(trailers:key=Twolane-Task,valueonly)", task.branch),
    ).toContain(task.id)
  })
})
