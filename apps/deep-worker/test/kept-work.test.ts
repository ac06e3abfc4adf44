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
import { afterAll, beforeAll, expect, test } from "vitest"

const scenes: Record<string, Scene> = {
  sleepy: seen => {
    if (callsOf(seen, "apply_patch") === 0) return call(["apply_patch", sumPatch("a - b", "a + b")])
    return callsOf(seen, "shell") === 0 ? call(["shell", { command: "sleep 60" }]) : say("over")
  },
  plain: seen =>
    callsOf(seen, "apply_patch") === 0 ? call(["apply_patch", sumPatch("a - b", "a + b")]) : say("Done."),
  "first time": () => {
    patched += 1
    return patched === 1 ? call(["apply_patch", sumPatch("a - b", "a + b")]) : say("Nothing to do.")
  },
  stubborn: seen =>
    callsOf(seen, "apply_patch") === 0
      ? call(["apply_patch", sumPatch("a - b", "a * b")])
      : say("It is done."),
  begun: seen =>
    callsOf(seen, "apply_patch") === 0
      ? call(["apply_patch", sumPatch("a - b", "a + b")])
      : call([
          "apply_patch",
          "*** Begin Patch\n*** Add File: .github/workflows/ci.yml\n+on: push\n*** End Patch",
        ]),
  leaky: seen =>
    callsOf(seen, "shell") === 0
      ? call([
          "shell",
          {
            command: `echo 'export const key = "${"ghp_"}${"a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"}"' > src/key.js`,
          },
        ])
      : { ...say("so much to say ".repeat(400)), tokensPerSecond: 50 },
}

/** How often `first time` has patched. */
let patched = 0

let played: PlayedHouse
let house: House
let library: TempRepo

beforeAll(async () => {
  played = await startPlayedHouse(scenes)
  house = played.house
  library = played.library
})
afterAll(() => played[Symbol.asyncDispose]())

const gateOf = async (task: string): Promise<string> => {
  const events = await follow(house, task, event => event.type === "gate.opened")
  return only(events, "gate.opened").at(-1)?.gate ?? ""
}

/** What a branch of the library has in `src/sum.js`. */
const sumAt = (branch: string): Promise<string> => library.git("show", `refs/heads/${branch}:src/sum.js`)

test.each([
  ["canceled", "[sleepy] run it", {}],
  ["limited", "[plain] mend it", { budget: { steps: 1 } }],
  ["failed", "[stubborn] mend it", {}],
])("the work of a %s turn is there for review, and an accept delivers it", async (status, prompt, more) => {
  const { id, branch } = await submit(house, { repo: "sums", prompt, ...more })
  if (status === "canceled") {
    await follow(house, id, event => event.type === "tool.started" && event.tool === "shell")
    await house.call("POST", `/v1/tasks/${id}/cancel`, {})
  }
  await follow(house, id)
  const change = { files: 1, added: 1, removed: 1 }
  const left = await getTask(house, id)
  expect(left).toMatchObject({ status, change, review: "open" })
  expect(left.head).toBeUndefined()
  const accepted = await house.call("POST", `/v1/tasks/${id}/accept`, {})
  expect(accepted, accepted.text).toMatchObject({ status: 200, body: { review: "accepted", change } })
  expect(await library.sha(branch)).toBe((accepted.body as { head: string }).head)
  expect(await sumAt(branch)).toContain(status === "failed" ? "a * b" : "a + b")
  const events = await follow(house, id)
  expect(gapsIn(events)).toEqual([])
  expect(typesOf(events).slice(-3)).toEqual(["change.ready", "branch.pushed", "task.reviewed"])
})

test("the work of a turn that a person ended at its gate can be discarded, and then it is closed", async () => {
  const { id } = await submit(house, { repo: "sums", prompt: "[begun] mend it, then add ci" })
  await house.call("POST", `/v1/tasks/${id}/gates/${await gateOf(id)}`, { decision: "deny" })
  const events = await follow(house, id)
  expect(only(events, "tool.ended").map(({ ok }) => ok)).toEqual([true, false])
  expect(await getTask(house, id)).toMatchObject({ status: "canceled", change: { files: 1 }, review: "open" })
  const discarded = await house.call("POST", `/v1/tasks/${id}/discard`, {})
  expect(discarded).toMatchObject({ status: 200, body: { review: "discarded" } })
  const late = await house.call("POST", `/v1/tasks/${id}/accept`, {})
  expect(late).toMatchObject({ status: 409, body: { code: "task-discarded" } })
})

test("a secret in the work of a turn that was cut off keeps an accept from delivering it", async () => {
  const { id, branch } = await submit(house, { repo: "sums", prompt: "[leaky] go" })
  await follow(house, id, event => event.type === "checkpoint.saved")
  await house.call("POST", `/v1/tasks/${id}/cancel`, {})
  await follow(house, id)
  expect(await getTask(house, id)).toMatchObject({ status: "canceled", review: "open" })
  const refused = await house.call("POST", `/v1/tasks/${id}/accept`, {})
  expect(refused, refused.text).toMatchObject({ status: 422, body: { code: "guardrail-denied" } })
  expect(refused.text).not.toContain("a1B2c3D4")
  expect(await library.git("branch", "--list", branch)).toBe("")
  expect((await getTask(house, id)).review).toBe("open")
})

test("a retry from the base that changes nothing takes the change back on the branch, which only grows", async () => {
  const { id, branch } = await submit(house, { repo: "sums", prompt: "[first time] go", publish: "branch" })
  await follow(house, id)
  const first = await library.sha(branch)
  await house.call("POST", `/v1/tasks/${id}/retry`, { from: "base" })
  await follow(house, id)
  const none = await getTask(house, id)
  expect(none).toMatchObject({ status: "succeeded", change: { files: 0 }, review: "none" })
  await house.call("POST", `/v1/tasks/${id}/turns`, { prompt: "[plain] mend it", publish: "branch" })
  await follow(house, id)
  expect(await getTask(house, id)).toMatchObject({
    status: "succeeded",
    change: { files: 1 },
    review: "open",
  })
  expect(await library.git("rev-list", `${first}..${branch}`, "--count")).toBe("2")
})
