import {
  call,
  callsOf,
  follow,
  getTask,
  makeLibrary,
  playing,
  register,
  say,
  startHouse,
  startModel,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { Redis } from "ioredis"
import { expect, test } from "vitest"

test("over a crash the old transcript is an exact prefix of the new one", async () => {
  const hold = Promise.withResolvers<void>()
  await using library = await makeLibrary()
  await using model = await startModel({
    script: playing({
      "in two": async seen => {
        if (callsOf(seen, "apply_patch") === 0) return call(["apply_patch", sumPatch("a - b", "a + b")])
        if (callsOf(seen, "shell") === 0) return call(["shell", { command: "sleep 60" }])
        await hold.promise
        return say("Done.")
      },
    }),
  })
  await using house = await startHouse({ modelUrl: model.url })
  await register(house, "sums", library)
  const task = await submit(house, { repo: "sums", prompt: "[in two] mend it" })
  await follow(house, task.id, event => event.type === "tool.started" && event.tool === "shell")
  house.workers[0]?.kill("SIGKILL")
  await house.workers[0]?.ended
  await using stack = new AsyncDisposableStack()
  const redis = stack.adopt(new Redis(house.redis.url), client => client.disconnect())
  const transcript = () => redis.lrange(`tl:{default/${task.id}}:script`, 0, -1)
  const before = await transcript()
  hold.resolve()
  house.addWorker()
  await follow(house, task.id)
  expect(await getTask(house, task.id)).toMatchObject({ status: "succeeded", turns: [{ attempts: 2 }] })
  const after = await transcript()
  expect(before.length).toBeGreaterThan(2)
  expect(after.length).toBeGreaterThan(before.length)
  expect(after.slice(0, before.length)).toEqual(before)
})
