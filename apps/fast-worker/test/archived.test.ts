import { join } from "node:path"
import { openShelf, openStore, type Store } from "@twolane/store"
import {
  getTask,
  makeTempFolder,
  type PlayedHouse,
  patching,
  say,
  startPlayedHouse,
  sumPatch,
  untilTask,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ask, followUp, taskOf } from "./lane.ts"

let stack: AsyncDisposableStack
let played: PlayedHouse
let store: Store

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const { path } = stack.use(await makeTempFolder("twl-archived-"))
  const folder = join(path, "archive")
  played = stack.use(
    await startPlayedHouse(
      { mend: patching(sumPatch("a - b", "a + b")), more: () => say("It adds now.") },
      { deepWorkers: 1, fastWorkers: 1, env: { TWOLANE_ARCHIVE: folder } },
    ),
  )
  store = stack.use(
    await openStore({
      url: played.house.redis.url,
      secretKey: Buffer.alloc(32, 7).toString("base64url"),
      archive: openShelf({ keepDays: 1, archiveDays: null, archive: { folder } }),
      onError: error => {
        throw error
      },
    }),
  )
})
afterAll(() => stack.disposeAsync())

/** A green fast turn, as it is thirty days later. */
const archivedTask = async (): Promise<string> => {
  const { house } = played
  await using stream = await ask(house, "[mend] mend sum")
  const task = taskOf(await stream.rest())
  await untilTask(house, task, ({ status }) => status === "succeeded")
  await store.list("default", {}, { limit: 1 })
  expect((await store.archive.sweep({ keepMs: 0, dropMs: null }, async () => true)).failed).toBe(0)
  return task
}

test("a follow-up of an archived task runs in the fast lane with all that was said and done before it", async () => {
  const { house, heard } = played
  const task = await archivedTask()
  const before = await getTask(house, task)
  const diff = (await house.call("GET", `/v1/tasks/${task}/diff`)).text
  expect(diff).toContain("+++ b/")
  await using stream = await followUp(house, task, { prompt: "[more] and what does it do?", lane: "fast" })
  await stream.rest()
  expect(stream.status).toBe(200)
  const after = await getTask(house, task)
  expect(after.turns.map(({ status }) => status)).toEqual(["succeeded", "succeeded"])
  expect(after.turns[0]).toEqual(before.turns[0])
  expect(heard.at(-1)).toContain("[mend] mend sum")
  expect((await house.call("GET", `/v1/tasks/${task}/diff`)).text).toBe(diff)
})

test("the change of an archived task is accepted: its branch is at the source", async () => {
  const { house, library } = played
  const task = await archivedTask()
  const accepted = await house.call("POST", `/v1/tasks/${task}/accept`, {})
  expect(accepted, accepted.text).toMatchObject({ status: 200, body: { review: "accepted" } })
  expect(await library.git("branch", "--list", `twolane/${task}`)).toContain(task)
})
