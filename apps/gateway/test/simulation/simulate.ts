import type { Store } from "@twolane/store"
import { check, listAll } from "./check.ts"
import { breakSomething, type FaultName, mendAll, usualFaults } from "./faults.ts"
import { onMachine } from "./machine.ts"
import { makeRandom } from "./random.ts"
import { answerGates, isExpected, makeRequest, noPromises, type Promised, team } from "./requests.ts"
import { installVirtualTime } from "./virtual-time.ts"
import { makeWorld, type World } from "./world.ts"

/** What a seed gave. */
export type Simulated = {
  seed: number
  /** What is not as it was promised; empty when all holds. */
  wrong: string[]
  tasks: number
  turns: number
  attempts: number
  faults: number
  /** Writes of superseded attempts that named the newest event, and were refused all the same. */
  refused: number
  /** Simulated time, ms. */
  tookMs: number
}

/** How large a seed's story is. */
export type Story = {
  mostTasks: number
  steps: number
  faults: readonly FaultName[]
  /** Breaks the store's Lua functions on purpose. */
  edit?: (source: string) => string
}
const usual: Story = { mostTasks: 5, steps: 22, faults: usualFaults }

/** How long a fleet that is whole again may take until everything has ended: several leases and retries one after another. */
const healingMs = 240_000

/**
 * Runs the real store, picker, leases, cancels, outbox and decisions of a small fleet over a Redis, a clock, a network and chance in
 * memory, while machines die, freeze and lose their network. The same seed gives the same story.
 */
export const simulate = async (seed: number, more: Partial<Story> = {}): Promise<Simulated> => {
  const story = { ...usual, ...more }
  const random = makeRandom(seed)
  using time = installVirtualTime(random)
  const world = makeWorld(time, random, story.edit)
  const beganAt = time.now()
  const began = (["gateway", "gateway", "deep", "deep", "fast"] as const).map(role => world.start(role))
  await settled(world, Promise.all(began), 10_000)

  const promised = noPromises()
  let faults = 0
  for (let step = 0; step < story.steps; step++) {
    await time.pass(random.whole(5, 2_500))
    ask(world, promised, story.mostTasks)
    if (!random.chance(0.35)) continue
    breakSomething(world, story.faults)
    faults += 1
  }
  mendAll(world)
  const wrong = await untilQuiet(world, promised)
  const refused = world.network.knowing()
  return { seed, wrong, faults, refused, tookMs: time.now() - beganAt, ...(await sizeOf(world)) }
}

/** Somebody's request to a gateway that is there; refusals and an absent Redis are answers. */
const ask = (world: World, promised: Promised, mostTasks: number): void => {
  const gateways = [...world.parts.values()].filter(({ role }) => role === "gateway")
  if (gateways.length === 0) return
  const { machine, store } = world.random.one(gateways)
  const asking = { store, random: world.random, promised }
  onMachine(machine, () => makeRequest(asking, mostTasks)).catch(error => {
    if (!isExpected(error)) world.errors.push(error)
  })
}

/** Lets the fleet finish, denying what waits for a person, and checks. */
const untilQuiet = async (world: World, promised: Promised): Promise<string[]> => {
  const { time } = world
  for (const end = time.now() + healingMs; time.now() < end; ) {
    await time.pass(4_000)
    const quiet = await settled(world, readQuiet(world).catch(notNow), 20_000)
    if (quiet === true) break
  }
  // What settles after the last event: indexes, the team's stream, marks that the sweep looks at.
  await time.pass(20_000)
  for (let tries = 0; tries < 5; tries++) {
    const wrong = await settled(world, check(world, anyStore(world), promised).catch(notNow), 20_000)
    if (Array.isArray(wrong)) return wrong
  }
  return ["the check itself got no answer"]
}

const notNow = (error: unknown): false => {
  if (!isExpected(error)) throw error
  return false
}

const readQuiet = async (world: World): Promise<boolean> => {
  const store = anyStore(world)
  const tasks = await listAll(store)
  await answerGates(store, tasks)
  const states = await store.readMany(team, tasks)
  return states.every(state => state?.endedAt !== undefined)
}

const sizeOf = async (world: World) => {
  const store = anyStore(world)
  const read = async () => await store.readMany(team, await listAll(store))
  const states = ((await settled(world, read(), 10_000)) ?? []).filter(state => state !== null)
  return {
    tasks: states.length,
    turns: states.reduce((sum, { turns }) => sum + turns.length, 0),
    attempts: states.reduce((sum, { attempt }) => sum + attempt, 0),
  }
}

const anyStore = ({ parts }: World): Store => {
  const gateway = [...parts.values()].find(({ role }) => role === "gateway")
  if (gateway === undefined) throw new Error("no gateway is there")
  return gateway.store
}

/** Lets time pass until a promise has settled; null when it does not in time. @throws what it rejects with. */
const settled = async <Value>(
  { time }: World,
  promise: Promise<Value>,
  mostMs: number,
): Promise<Value | null> => {
  let result: { value: Value } | { error: unknown } | null = null
  promise.then(
    value => {
      result = { value }
    },
    (error: unknown) => {
      result = { error }
    },
  )
  await time.pass(mostMs, () => result !== null)
  const found = result as { value: Value } | { error: unknown } | null
  if (found === null) return null
  if ("error" in found) throw found.error
  return found.value
}
