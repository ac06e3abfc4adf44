import type { World } from "./world.ts"

/** A gateway and two deep workers, and time for them to get ready. */
export const startFew = async (world: World): Promise<void> => {
  const began = (["gateway", "deep", "deep"] as const).map(role => world.start(role))
  await Promise.all([...began, world.time.pass(5_000)])
}

/** Lets time pass until something has settled. */
export const reached = async <Value>({ time }: World, promise: Promise<Value>): Promise<Value> => {
  let isOver = false
  const over = () => {
    isOver = true
  }
  promise.then(over, over)
  await time.pass(10_000, () => isOver)
  return await promise
}
