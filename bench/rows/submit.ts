import { Redis } from "ioredis"
import { startChild } from "../child.ts"
import { profileCpu } from "../cpu-profile.ts"
import type { BareGatewayInput, BareGatewaySays } from "../floors/bare-gateway.ts"
import { openRawQueue, payload, promptOf, type RawQueue } from "../floors/raw-queue.ts"
import { type LoadClient, openLoad } from "../http-load.ts"
import { fiveRounds, inFlight, inTurns, median, timed } from "../measure.ts"
import { benchRepo, openHouse } from "../ours/house.ts"
import { newTask, openBenchStore } from "../ours/store.ts"
import { profileRedis } from "../redis-profile.ts"
import { compare, type MeasureRow } from "../row.ts"

const atOnce = 50
const jobs = 5_000
const posts = 2_000
const batchOf = 500
const batches = 8
const batchesAtOnce = 2

/** Tasks over HTTP, one by one and in batches, each with its idempotency record; against `Queue.add` on the same Redis. */
export const run: MeasureRow = async ({ signal }) => {
  await using made = await openHouse({ deepWorkers: 0, env: { TWOLANE_READY_LANES: "" } })
  const { house } = made
  await using raw = openRawQueue(house.redis.url)
  await using store = await openBenchStore(house.redis.url)
  using load = await openLoad(house.url, atOnce)
  const bareInput: BareGatewayInput = { url: house.redis.url }
  await using bareGateway = startChild<BareGatewaySays>("floors/bare-gateway.ts", bareInput)
  const { port } = await bareGateway.next(signal)
  using bareLoad = await openLoad(`http://127.0.0.1:${port}`, atOnce)
  const authorization = `Bearer ${house.apiKey}`

  const contenders = {
    floor: () => addRaw(raw),
    bare: () => postSingly(bareLoad, authorization),
    post: () => postSingly(load, authorization),
    batch: () => postBatches(load, authorization),
    store: async () =>
      perSecond(posts, () =>
        inFlight(posts, atOnce, index => store.create(newTask(index, store.now(), benchRepo))),
      ),
  }
  const found = await inTurns(contenders, fiveRounds(signal))
  const floor = median(found.floor)
  const client = new Redis(house.redis.url)
  const redisTime = await profileRedis(client, posts, contenders.post)
  const batchRedisTime = await profileRedis(client, batchOf * batches, contenders.batch)
  client.disconnect()
  return {
    lines: [
      compare("single POSTs", "/s", { floor, ours: median(found.post) }, { atLeast: 0.35 }),
      compare("batches of 500", "/s", { floor, ours: median(found.batch) }, { atLeast: 0.7 }),
    ],
    profile: [
      `a bare HTTP server that does nothing but \`Queue.add\`: ${inWords(median(found.bare), floor)}`,
      `the store alone, in one process without HTTP: ${median(found.store).toFixed(0)}/s`,
      await profileCpu(contenders.store),
      `single: ${redisTime}`,
      `batch: ${batchRedisTime}`,
    ],
  }
}

const inWords = (perSecond: number, floor: number): string =>
  `${perSecond.toFixed(0)}/s, ${(perSecond / floor).toFixed(2)} × the floor`

const perSecond = async (count: number, act: () => Promise<unknown>): Promise<number> =>
  (count / (await timed(act))) * 1000

const addRaw = ({ queue }: RawQueue): Promise<number> =>
  perSecond(jobs, () => inFlight(jobs, atOnce, index => queue.add("task", payload(index))))

const taskOf = (index: number) => ({ repo: benchRepo, lane: "deep", prompt: promptOf(index) })

const postSingly = (load: LoadClient, authorization: string): Promise<number> =>
  perSecond(posts, () =>
    inFlight(posts, atOnce, async index => {
      const headers = { authorization, "idempotency-key": crypto.randomUUID() }
      expectStatus(await load.post({ path: "/v1/tasks", headers, body: JSON.stringify(taskOf(index)) }), 202)
    }),
  )

const postBatches = (load: LoadClient, authorization: string): Promise<number> => {
  const tasks = Array.from({ length: batchOf }, (_, index) => taskOf(index))
  const body = JSON.stringify({ tasks })
  return perSecond(batchOf * batches, () =>
    inFlight(batches, batchesAtOnce, async () => {
      const headers = { authorization, "idempotency-key": crypto.randomUUID() }
      expectStatus(await load.post({ path: "/v1/tasks/batch", headers, body }), 200)
    }),
  )
}

const expectStatus = (status: number, wanted: number): void => {
  if (status !== wanted) throw new Error(`the gateway answered ${status}`)
}
