import { type TaskEvent, turnOf } from "@twolane/protocol"
import { expect, test } from "vitest"
import { makeRandom } from "./random.ts"
import { reached, startFew } from "./reached.ts"
import { create, noPromises, team } from "./requests.ts"
import { installVirtualTime } from "./virtual-time.ts"
import { makeWorld, timing } from "./world.ts"

/** How often is looked for leases that are over, and what the promise allows for all the rest. */
const checkMs = 1_000
const restMs = 5_000

/** How long it took, in the fleet's own time, from a worker's death to the next attempt of its turn at another one that was free. */
const takenUpAfterMs = async (seed: number): Promise<number> => {
  const random = makeRandom(seed)
  using time = installVirtualTime(random)
  const world = makeWorld(time, random)
  await startFew(world)
  const { store } = world.parts.get("gateway 1") ?? {}
  if (store === undefined) throw new Error("no gateway is there")
  const promised = noPromises()
  await reached(world, create({ store, random, promised }, { lane: "deep" }))
  const [task = ""] = promised.tasks
  const log = () => reached(world, store.events({ team, task }, "0-0", 1_000))
  const startOf = async (attempt: number): Promise<TaskEvent | undefined> =>
    (await log()).find(event => event.type === "turn.started" && event.attempt === attempt)
  while ((await startOf(1)) === undefined) await time.pass(50)
  // Anywhere within the turn, and so within a beat.
  await time.pass(random.whole(0, 1_500))
  const state = await reached(world, store.read({ team, task }))
  const turn = state && turnOf(state, state.turns[0]?.id ?? "")
  if (turn?.status !== "running") return 0 // it was done before
  const holder = [...world.parts.values()].find(
    ({ role, machine }) => role === "deep" && world.sandboxes.live().some(jail => jail.machine === machine),
  )
  if (holder === undefined) throw new Error("nobody runs the turn")
  world.kill(holder.machine.name)
  const diedAt = time.now()
  for (;;) {
    const again = await startOf(2)
    if (again !== undefined) return again.at - diedAt
    await time.pass(50)
    if (time.now() > diedAt + 120_000) throw new Error("nobody took the turn up")
  }
}

test("a dead worker's turn is taken up again by a free one within a lease, a look and five seconds", async () => {
  const took: number[] = []
  for (let seed = 1; seed <= 40; seed++) took.push(await takenUpAfterMs(seed))
  expect(Math.max(...took)).toBeLessThanOrEqual(timing.leaseMs + checkMs + restMs)
  // Not before the dead one's lease was over; some were done before anybody died.
  expect(took.filter(ms => ms > timing.leaseMs - timing.beatMs - 1_000).length).toBeGreaterThan(20)
}, 300_000)
