import type { Task } from "@twolane/protocol"
import {
  follow,
  only,
  type PlayedHouse,
  patching,
  runGit,
  startPlayedHouse,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"

let played: PlayedHouse
beforeAll(async () => {
  played = await startPlayedHouse({ mend: patching(sumPatch("a - b", "a + b")) })
})
afterAll(() => played?.[Symbol.asyncDispose]())

test("a turn that was let in before the repo asked for another person's approval pushes nothing, and keeps its work", async () => {
  const { house, library } = played
  expect((await house.call("POST", "/v1/queue/pause", { lane: "deep" })).status).toBe(200)
  const { id } = await submit(house, { repo: "sums", prompt: "[mend] it", publish: "branch" })
  await library.commit({ "twolane.yaml": "approvals: { by: another }\n" })
  expect((await house.call("POST", "/v1/queue/resume", { lane: "deep" })).status).toBe(200)
  const events = await follow(house, id)
  expect(only(events, "branch.pushed")).toEqual([])
  const task = (await house.call("GET", `/v1/tasks/${id}`)).body as Task
  const detail = "twolane.yaml wants another person to accept it first (approvals.by)"
  expect(task).toMatchObject({
    status: "failed",
    review: "open",
    turns: [{ outcome: { status: "failed", code: "publish-failed", detail } }],
  })
  expect(await runGit(library.path, ["branch", "--list", `twolane/${id}`])).toBe("")
  const key = await house.call("POST", "/v1/keys", { name: "Bob", role: "member" })
  const authorization = `Bearer ${(key.body as { secret: string }).secret}`
  // A gateway that has just read the repo's rules reads them again a moment later.
  const later = { publish: "branch", notBefore: Date.now() + 86_400_000 }
  const asked = { repo: "sums", lane: "deep", prompt: "[mend] it", ...later }
  await expect
    .poll(async () => (await house.call("POST", "/v1/tasks", asked)).body)
    .toMatchObject({ code: "own-approval" })
  const own = await house.call("POST", `/v1/tasks/${id}/accept`, {})
  expect([own.status, own.body]).toMatchObject([403, { code: "own-approval" }])
  const accepted = await house.call("POST", `/v1/tasks/${id}/accept`, {}, { authorization })
  expect([accepted.status, accepted.body]).toMatchObject([200, { review: "accepted" }])
})
