import type { PrivateRedis } from "@twolane/testkit"
import { startRedis } from "@twolane/testkit"
import { Redis } from "ioredis"
import { askOverHttp } from "../floors/ask-floor.ts"
import { type HopKind, startTwoHops } from "../floors/hop.ts"
import type { Order } from "../model/order.ts"
import { cpuOf } from "../process-cpu.ts"
import { cpuOfRedis } from "../redis-profile.ts"
import type { Streamed } from "../stream-client.ts"
import { openFastHouse } from "./fast-house.ts"

/** What stands between callers and the model: two processes, and the Redis that they record in. */
export type Streamer = {
  /** Asks for so many streams at once, and reads them to their ends. */
  stream(orders: readonly Order[]): Promise<Streamed[]>
  /** The CPU time of its processes and of its Redis so far, ms. */
  cpuMs(): Promise<number>
}

/**
 * A raw pipe, the usual gateways (the SDK iterated, without a record and with an XADD for each event) behind that pipe, and the product,
 * whose streams are follow-up turns of tasks that have had one. All before one model.
 */
export const openStreamers = async (most: number, order: () => Order, signal: AbortSignal) => {
  await using stack = new AsyncDisposableStack()
  const ours = stack.use(await openFastHouse(signal, { concurrency: most }))
  const { house, model } = ours
  const floor = async (kind: HopKind, redis?: PrivateRedis): Promise<Streamer> => {
    const input = { model: model.url, ...(redis && { redis: redis.url }) }
    const hops = stack.use(await startTwoHops(kind, input, signal))
    return {
      stream: orders => Promise.all(orders.map(each => askOverHttp(hops.url, each))),
      cpuMs: cpuMeter(stack, hops.pids, redis),
    }
  }
  const tasks: string[] = []
  for (let index = 0; index < most; index += 1) {
    const turn = await ours.begin(order())
    await turn.ended
    tasks.push(await turn.task)
  }
  const product: Streamer = {
    stream: orders =>
      Promise.all(
        orders.map(async (each, index) => {
          const turn = await ours.next(tasks[index] ?? "", each)
          return turn.ended
        }),
      ),
    cpuMs: cpuMeter(stack, [house.gateway.pid, ...house.fastWorkers.map(({ pid }) => pid)], house.redis),
  }
  const streamers = {
    pipe: await floor("http-pipe"),
    sdk: await floor("sdk-restream"),
    each: await floor("sdk-restream", stack.use(await startRedis())),
    ours: product,
  }
  const owned = stack.move()
  return { ...streamers, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const cpuMeter = (
  stack: AsyncDisposableStack,
  pids: readonly number[],
  redis?: PrivateRedis,
): Streamer["cpuMs"] => {
  const client = redis === undefined ? null : new Redis(redis.url)
  stack.defer(() => client?.disconnect())
  return async () => {
    const ofProcesses = pids.reduce((sum, pid) => sum + cpuOf(pid), 0)
    return ofProcesses + (client === null ? 0 : (await cpuOfRedis(client)) * 1_000)
  }
}

/** How many tokens did not come, or came out of their order. */
export const lostOf = (streamed: readonly Streamed[], tokens: number): number =>
  streamed.reduce((sum, { delays, lost }) => sum + lost + Math.max(0, tokens - delays.length), 0)
