import { lastTurn, type TaskState } from "@twolane/protocol"
import { expect, test } from "vitest"
import { makeRandom } from "./random.ts"
import { reached, startFew } from "./reached.ts"
import { answerGates, create, noPromises, team } from "./requests.ts"
import { installVirtualTime } from "./virtual-time.ts"
import { makeWorld, type World } from "./world.ts"

/** Longer than a turn may run, a stall, a lease or a retry. */
const silentMs = 90 * 60_000

/** The first of some tasks that asks a person something. */
const untilAsked = async (
  world: World,
  read: (task: string) => Promise<TaskState | null>,
  ask: () => Promise<string>,
) => {
  for (let tries = 0; tries < 60; tries += 1) {
    const task = await ask()
    for (;;) {
      const state = await read(task)
      const status = state === null ? undefined : lastTurn(state)?.status
      if (status === "waiting") return task
      if (status === "succeeded") break
      await world.time.pass(1_000)
    }
  }
  throw new Error("nobody asked anything")
}

test("a question that nobody answers is neither allowed nor denied for an hour and a half, and then whoever answers is heard", async () => {
  const random = makeRandom(7)
  using time = installVirtualTime(random)
  const world = makeWorld(time, random)
  await startFew(world)
  const { store } = world.parts.get("gateway 1") ?? {}
  if (store === undefined) throw new Error("no gateway is there")
  const promised = noPromises()
  const read = (task: string) => reached(world, store.read({ team, task }))
  const ask = async () => {
    await reached(world, create({ store, random, promised }, { lane: "deep" }))
    return [...promised.tasks].at(-1) ?? ""
  }
  const task = await untilAsked(world, read, ask)
  const before = await read(task)
  await time.pass(silentMs)
  expect(await read(task)).toEqual(before)
  expect(before?.gates).toHaveLength(1)
  await reached(world, answerGates(store, [task]))
  while ((await read(task))?.endedAt === undefined) await time.pass(1_000)
  const events = await reached(world, store.events({ team, task }, "0-0", 1_000))
  expect(events.filter(({ type }) => type === "gate.decided")).toMatchObject([{ decision: "deny" }])
}, 300_000)
