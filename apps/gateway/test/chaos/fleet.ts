import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import {
  type Cable,
  freePort,
  makeTempFolder,
  openCable,
  type Part,
  type PrivateRedis,
  startPart,
  startRedis,
} from "@twolane/testkit"
import { mountSlowDisk, mountSmallDisk, type SlowDisk, type SmallDisk } from "./disk.ts"

export type Role = "gateway" | "deep-worker" | "fast-worker"

/** A place in the fleet: its process dies and is started again; its cables stay. */
export type Slot = {
  name: string
  role: Role
  dataDir: string
  part: Part
  redis: Cable
  model: Cable
  /** What is read by the process' bent clock. */
  clockFile: string
  /** How often it was started, and when the last time. */
  starts: number
  startedAt: number
  /** What those that have ended wrote. */
  written: string
}

/** All of Twolane as processes of their own over one Redis, each with its own way to Redis and to the model; two data folders stand for two machines. */
export type Fleet = AsyncDisposable & {
  redis: PrivateRedis
  slots: readonly Slot[]
  gateways: readonly string[]
  apiKey: string
  folder: string
  dataDirs: readonly string[]
  /** Under the one machine's data and the other's; null where nobody may mount. */
  slowDisk: SlowDisk | null
  smallDisk: SmallDisk | null
  /** Once this is called, what dies stays dead. */
  stop: () => void
}

const apiKey = "tl_chaos_0123456789abcdef0123456789abcdef"

/** Who there is; the second machine has no fast worker. */
const roles: readonly [Role, machine: 0 | 1][] = [
  ["gateway", 0],
  ["gateway", 1],
  ["deep-worker", 0],
  ["deep-worker", 1],
  ["fast-worker", 0],
]

/** Starts the fleet; `env` goes to each process. */
export const startFleet = async (
  modelPort: number,
  env: Readonly<Record<string, string>>,
): Promise<Fleet> => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder("twl-chaos-"))
  const redis = stack.use(await startRedis({ settings: { appendfsync: "always" } }))
  const dataDirs = [join(folder.path, "a"), join(folder.path, "b")]
  for (const dataDir of dataDirs) await mkdir(dataDir)
  const [a = "", b = ""] = dataDirs
  const slowDisk = await mountSlowDisk(a)
  if (slowDisk !== null) stack.use(slowDisk)
  const smallDisk = await mountSmallDisk(b)
  if (smallDisk !== null) stack.use(smallDisk)
  let stopped = false
  const slots: Slot[] = []
  const gateways: string[] = []
  for (const [role, machine] of roles) {
    const name = `${role} ${slots.length + 1}`
    const cables = {
      redis: stack.use(await openCable({ path: redis.socketPath ?? "" })),
      model: stack.use(await openCable({ host: "127.0.0.1", port: modelPort })),
    }
    const port = await freePort()
    if (role === "gateway") gateways.push(`http://127.0.0.1:${port}`)
    const dataDir = dataDirs[machine] ?? folder.path
    const clockFile = join(folder.path, `clock-${slots.length}`)
    const settings = {
      HOME: folder.path,
      TWOLANE_DATA_DIR: dataDir,
      TWOLANE_PORT: String(port),
      TWOLANE_API_KEY: apiKey,
      TWOLANE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64url"),
      TWOLANE_DEEP_CONCURRENCY: "3",
      REDIS_URL: `redis://127.0.0.1:${cables.redis.port}`,
      OPENAI_BASE_URL: `http://127.0.0.1:${cables.model.port}/v1`,
      OPENAI_API_KEY: "sk-simulated-0123456789",
      NODE_OPTIONS: `--import=${import.meta.dirname}/bent-clock.ts`,
      CHAOS_CLOCK: clockFile,
      ...env,
    }
    const start = () => startPart(role, settings)
    const slot: Slot = {
      name,
      role,
      dataDir,
      ...cables,
      clockFile,
      part: start(),
      starts: 1,
      startedAt: performance.now(),
      written: "",
    }
    slots.push(slot)
    void keepAlive(slot, start, () => stopped)
  }
  stack.defer(async () => {
    stopped = true
    for (const { part } of slots) await part[Symbol.asyncDispose]()
  })
  const all = stack.move()
  return {
    redis,
    slots,
    gateways,
    apiKey,
    folder: folder.path,
    dataDirs,
    slowDisk,
    smallDisk,
    stop: () => {
      stopped = true
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

const restartMs = 300

/** The supervisor's work: what has ended is started again a moment later. */
const keepAlive = async (slot: Slot, start: () => Part, isOver: () => boolean): Promise<void> => {
  for (;;) {
    await slot.part.ended
    slot.written += slot.part.output()
    await slot.part[Symbol.asyncDispose]()
    await sleep(restartMs)
    if (isOver()) return
    slot.part = start()
    slot.starts += 1
    slot.startedAt = performance.now()
  }
}
