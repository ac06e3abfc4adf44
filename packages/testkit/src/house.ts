import { freePort } from "./free-port.ts"
import { processesWith } from "./named.ts"
import { type Part, startPart } from "./part.ts"
import { type PrivateRedis, startRedis } from "./redis.ts"
import { makeTempFolder } from "./temp.ts"

/** What a house is started with. */
export type HouseOptions = {
  /** The base URL of the model (`startModel`), for both lanes. */
  modelUrl: string
  deepWorkers?: number
  fastWorkers?: number
  /** Settings over ours. */
  env?: Readonly<Record<string, string>>
  /** Settings of the workers alone. */
  workerEnv?: Readonly<Record<string, string>>
}

/** The whole of Twolane as processes: a private Redis, a gateway, workers, one data folder. */
export type House = AsyncDisposable & {
  readonly url: string
  readonly apiKey: string
  readonly dataDir: string
  readonly redis: PrivateRedis
  readonly gateway: Part
  readonly workers: Part[]
  readonly fastWorkers: Part[]
  /** Starts one more deep worker; a data folder of its own makes it stand for another machine. */
  addWorker(env?: Readonly<Record<string, string>>): Part
  /** Starts one more fast worker, also one whose machine has another name: only TCP leads to it then. */
  addFastWorker(env?: Readonly<Record<string, string>>, host?: string): Part
  /** Starts another gateway where the first one was, once that has ended, and waits until it is ready. */
  restartGateway(): Promise<Part>
  /** Starts one more gateway beside the first, waits until it is ready, and answers its address. */
  addGateway(): Promise<string>
  /** Calls the API; answers status, headers and the body, parsed when it is JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

/** An answer of the API. */
export type Answer = { status: number; headers: Headers; body: unknown; text: string }

const apiKey = "tl_test_0123456789abcdef0123456789abcdef"
const secretKey = Buffer.alloc(32, 7).toString("base64url")
const startWithinMs = 110_000
const goneWithinMs = 30_000

/** Starts everything and waits until the gateway is ready. Disposing it ends every process and removes the data. */
export const startHouse = async (options: HouseOptions): Promise<House> => {
  const folder = await makeTempFolder("twl-house-")
  const redis = await startRedis()
  const port = await freePort()
  const env = {
    HOME: folder.path,
    TWOLANE_DATA_DIR: folder.path,
    TWOLANE_PORT: String(port),
    TWOLANE_API_KEY: apiKey,
    TWOLANE_SECRET_KEY: secretKey,
    TWOLANE_READY_LANES: readyLanes(options),
    REDIS_URL: redis.url,
    OPENAI_BASE_URL: options.modelUrl,
    OPENAI_API_KEY: "sk-simulated-0123456789",
    ...options.env,
  }
  const dataDir = env.TWOLANE_DATA_DIR
  const url = `http://127.0.0.1:${port}`
  const gateway = startPart("gateway", env)
  const workers: Part[] = []
  const fastWorkers: Part[] = []
  const adding =
    (app: string, to: Part[]) =>
    (more: Readonly<Record<string, string>> = {}, host?: string): Part => {
      const worker = startPart(app, { ...env, ...options.workerEnv, ...more }, host)
      to.push(worker)
      return worker
    }
  const addWorker = adding("deep-worker", workers)
  const addFastWorker = adding("fast-worker", fastWorkers)
  for (let count = 0; count < (options.deepWorkers ?? 1); count += 1) addWorker()
  for (let count = 0; count < (options.fastWorkers ?? 0); count += 1) addFastWorker()
  const gateways = [gateway]
  const restartGateway = async () => {
    const next = startPart("gateway", env)
    gateways.push(next)
    await untilReady(url, [next])
    return next
  }
  const addGateway = async () => {
    const other = await freePort()
    const next = startPart("gateway", { ...env, TWOLANE_PORT: String(other) })
    gateways.push(next)
    await untilReady(`http://127.0.0.1:${other}`, [next])
    return `http://127.0.0.1:${other}`
  }
  const dispose = async () => {
    for (const part of [...workers, ...fastWorkers, ...gateways]) await part[Symbol.asyncDispose]()
    await redis.stop()
    await untilGone(dataDir)
    await folder[Symbol.asyncDispose]()
  }
  try {
    await untilReady(url, [gateway, ...workers, ...fastWorkers])
  } catch (error) {
    await dispose()
    throw error
  }
  const call: House["call"] = async (method, path, body, headers = {}) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const type = body === undefined ? {} : { "content-type": "application/json" }
    const answer = await fetch(url + path, {
      method,
      ...sent,
      headers: { authorization: `Bearer ${apiKey}`, ...type, ...headers },
    })
    const text = await answer.text()
    const json = answer.headers.get("content-type")?.includes("json") ?? false
    return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text, text }
  }
  return {
    url,
    apiKey,
    dataDir,
    redis,
    gateway,
    workers,
    fastWorkers,
    addWorker,
    addFastWorker,
    restartGateway,
    addGateway,
    call,
    [Symbol.asyncDispose]: dispose,
  }
}

/** A keeper outlives its killed worker for a moment, and writes into the data folder as it ends. */
const untilGone = async (folder: string): Promise<void> => {
  const names = (words: readonly string[]) => words.some(word => word.startsWith(folder))
  for (const until = performance.now() + goneWithinMs; performance.now() < until; ) {
    if (processesWith(names).length === 0) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

const readyLanes = ({ deepWorkers = 1, fastWorkers = 0 }: HouseOptions): string =>
  [...(fastWorkers > 0 ? ["fast"] : []), ...(deepWorkers > 0 || fastWorkers === 0 ? ["deep"] : [])].join(",")

const untilReady = async (url: string, parts: readonly Part[]): Promise<void> => {
  let over = false
  const timer = setTimeout(() => {
    over = true
  }, startWithinMs)
  const died = Promise.race(parts.map(part => part.ended.then(() => part)))
  void died.then(() => {
    over = true
  })
  try {
    while (!over) {
      const answer = await fetch(`${url}/readyz`).catch(() => null) // it does not listen yet
      if (answer?.ok === true) return
      await new Promise(resolve => setTimeout(resolve, 30))
    }
  } finally {
    clearTimeout(timer)
  }
  throw new Error(`the house did not get ready:\n${parts.map(part => part.output()).join("\n---\n")}`)
}
