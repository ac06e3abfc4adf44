import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import {
  type Cable,
  type Host,
  type Hosts,
  makeTempFolder,
  type Part,
  type PrivateRedis,
  startHosts,
  startPart,
  startRedis,
} from "@twolane/testkit"
import type { Role } from "../chaos/fleet.ts"
import { type ChaosModel, startChaosModel } from "../chaos/model.ts"
import { type ChaosRemote, startChaosRemote } from "../chaos/remote.ts"

/** A host that runs parts of Twolane, with a data folder of its own. */
export type Site = {
  host: Host
  dataDir: string
  /** Where its gateway is found from outside, and the way there. */
  url: string
  cable: Cable
  start: (role: Role, env?: Readonly<Record<string, string>>) => Part
}

/** Three hosts: `a` has Redis, git and the model; `b` and `c` are for gateways and workers. */
export type Fleet = AsyncDisposable & {
  hosts: Hosts<"a" | "b" | "c">
  redis: PrivateRedis
  password: string
  remote: ChaosRemote
  model: ChaosModel
  b: Site
  c: Site
  folder: string
  apiKey: string
}

const apiKey = "tl_hosts_0123456789abcdef0123456789abcdef"
const password = "hosts-0123456789abcdef"
const gatewayPort = 4200

/** Starts what is on the first host; the parts of Twolane are started one by one. */
export const startFleet = async (repos: readonly string[]): Promise<Fleet> => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder("twl-fleet-"))
  const hosts = stack.use(await startHosts("a", "b", "c"))
  const { a } = hosts
  const redis = stack.use(
    await startRedis({
      within: a.within,
      settings: { port: "6379", bind: a.address, requirepass: password, appendfsync: "always" },
    }),
  )
  const model = stack.use(await startChaosModel())
  const remote = stack.use(await startChaosRemote(repos, a.address))
  const git = new URL(remote.server.origin)
  await Promise.all([a.serve(model.port), a.serve(Number(git.port))])
  const env = {
    TWOLANE_API_KEY: apiKey,
    TWOLANE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64url"),
    TWOLANE_SANDBOX: "required",
    REDIS_URL: `redis://:${password}@${a.address}:6379`,
    OPENAI_BASE_URL: `http://${a.address}:${model.port}/v1`,
    OPENAI_API_KEY: "sk-simulated-0123456789",
    GIT_SSL_CAINFO: remote.server.ca,
  }
  const parts = stack.use(new AsyncDisposableStack())
  const siteOf = async (host: Host): Promise<Site> => {
    const dataDir = join(folder.path, host.name)
    await mkdir(dataDir)
    const cable = await host.reach(gatewayPort)
    const own = { HOME: dataDir, TWOLANE_DATA_DIR: dataDir, TWOLANE_HOST: host.address }
    return {
      host,
      dataDir,
      cable,
      url: `http://127.0.0.1:${cable.port}`,
      start: (role, more) => parts.use(startPart(role, { ...env, ...own, ...more }, host.within)),
    }
  }
  const [b, c] = await Promise.all([siteOf(hosts.b), siteOf(hosts.c)])
  const all = stack.move()
  return {
    hosts,
    redis,
    password,
    remote,
    model,
    b,
    c,
    folder: folder.path,
    apiKey,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
