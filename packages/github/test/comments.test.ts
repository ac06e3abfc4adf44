import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { sayOnce } from "../src/index.ts"
import { type Opened, openPlace, signal } from "./open-place.ts"

let opened: Opened
beforeAll(async () => {
  opened = await openPlace()
})
beforeEach(() => {
  const { state } = opened.double
  for (const list of [state.comments, state.requests, state.moods]) list.length = 0
})
afterAll(() => opened[Symbol.asyncDispose]())

const say = async (body: string) => {
  const place = await opened.github.placeOf(opened.repo, null, signal)
  await sayOnce(place, opened.double.appId, { key: "task/1", issue: 7, body }, signal)
}
const shown = () => opened.double.state.comments.map(({ id, body }) => [id, body.split("\n")[0]])

test("what is said anew is said in the comment that is there", async () => {
  await say("queued")
  await say("running")
  await say("running")
  expect(shown()).toEqual([[9_000, "running"]])
  expect(opened.double.state.requests.filter(({ method }) => method === "PATCH").length).toBe(1)
})

test("of two who say it at the same moment one comment stays, whoever was first", async () => {
  await Promise.all([say("queued"), say("queued"), say("queued")])
  expect(shown()).toEqual([[9_000, "queued"]])
})

test("a comment that arrives when its sender has been given up is taken away by the next word", async () => {
  const { double } = opened
  await say("queued")
  const [first] = double.state.comments
  if (first === undefined) throw new Error("nothing was said")
  double.state.comments.push({ ...first, id: 9_005 })
  // Somebody else's has the same mark, and is theirs.
  const quoted = { ...first, id: 9_006, performed_via_github_app: null }
  double.state.comments.push(quoted)
  await say("succeeded")
  expect(shown()).toEqual([
    [9_000, "succeeded"],
    [9_006, "queued"],
  ])
})
