import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { Redis } from "ioredis"
import { freePort } from "./free-port.ts"
import { type PrivateRedis, startRedis } from "./redis.ts"
import { makeTempFolder } from "./temp.ts"

/** A Redis of some shape, made of processes of this machine. */
export type Shape = AsyncDisposable & { url: string }

const onPort = async (stack: AsyncDisposableStack, settings: Record<string, string> = {}) => {
  const port = await freePort()
  const redis: PrivateRedis = stack.use(await startRedis({ settings: { port: String(port), ...settings } }))
  return { port, redis }
}

const untilTrue = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  for (const until = performance.now() + 60_000; performance.now() < until; await sleep(50))
    if (await holds().catch(() => false)) return
  throw new Error(`${what} took too long`)
}

/** A cluster of three primaries, each with a third of the slots. */
export const startCluster = async (): Promise<Shape & { ports: number[] }> => {
  const stack = new AsyncDisposableStack()
  const nodes: { port: number; bus: number }[] = []
  for (let count = 0; count < 3; count += 1) {
    const bus = await freePort()
    const { port } = await onPort(stack, {
      "cluster-enabled": "yes",
      "cluster-port": String(bus),
      "cluster-announce-ip": "127.0.0.1",
    })
    nodes.push({ port, bus })
  }
  const clients = nodes.map(({ port }) => new Redis(port, "127.0.0.1"))
  const bounds = [0, 5461, 10_923, 16_384]
  for (const [index, client] of clients.entries()) {
    await client.call("CLUSTER", "ADDSLOTSRANGE", String(bounds[index]), String((bounds[index + 1] ?? 0) - 1))
    await client.call("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1))
  }
  for (const { port, bus } of nodes.slice(1))
    await clients[0]?.call("CLUSTER", "MEET", "127.0.0.1", String(port), String(bus))
  await untilTrue("the cluster", async () => {
    const infos = await Promise.all(clients.map(client => client.call("CLUSTER", "INFO")))
    return infos.every(
      info => /cluster_state:ok/.test(String(info)) && /cluster_known_nodes:3/.test(String(info)),
    )
  })
  for (const client of clients) client.disconnect()
  const url = nodes.map(({ port }) => `redis://127.0.0.1:${port}`).join(",")
  return { url, ports: nodes.map(({ port }) => port), [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** A primary with a replica, and a sentinel that watches them. `failOver` kills the primary, and waits until the replica has its place. */
export const startSentinel = async (): Promise<Shape & { failOver(): Promise<void> }> => {
  const stack = new AsyncDisposableStack()
  const primary = await onPort(stack)
  const replica = await onPort(stack, { replicaof: `127.0.0.1 ${primary.port}` })
  const watcher = new Redis(replica.port, "127.0.0.1")
  stack.defer(() => watcher.disconnect())
  await untilTrue("the replica", async () =>
    (await watcher.info("replication")).includes("master_link_status:up"),
  )
  const folder = stack.use(await makeTempFolder("twl-sentinel-"))
  const port = await freePort()
  const file = join(folder.path, "sentinel.conf")
  writeFileSync(
    file,
    `port ${port}\nbind 127.0.0.1\ndir ${folder.path}\nsentinel monitor main 127.0.0.1 ${primary.port} 1
sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 5000\n`,
  )
  const sentinel: ChildProcess = spawn("redis-server", [file, "--sentinel"], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  stack.defer(async () => {
    const gone = once(sentinel, "exit")
    sentinel.kill("SIGKILL")
    await gone
  })
  if (sentinel.stdout === null) throw new Error("a sentinel writes")
  const lines = createInterface({ input: sentinel.stdout })
  await new Promise<void>(resolve => lines.on("line", line => line.includes("+monitor") && resolve()))
  const asked = new Redis(port, "127.0.0.1")
  stack.defer(() => asked.disconnect())
  await untilTrue("the sentinel", async () =>
    String(await asked.call("SENTINEL", "REPLICAS", "main")).includes(String(replica.port)),
  )
  return {
    url: `redis+sentinel://127.0.0.1:${port}/main`,
    failOver: async () => {
      await primary.redis.kill9()
      await untilTrue("the fail-over", async () =>
        (await watcher.info("replication")).includes("role:master"),
      )
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** The rights that docs/operations.md gives to Twolane's user, after its name and password. */
export const leastRights = (): string => {
  const guide = readFileSync(resolve(import.meta.dirname, "../../../docs/operations.md"), "utf8")
  const rights = /^user twolane on >password (.+)$/m.exec(guide)?.[1]
  if (rights === undefined) throw new Error("the operator's guide names the rights")
  return rights
}

/** A Redis that takes nothing but TLS, and knows a user of few rights alone. `ca` is what signed its certificate. */
export const startTls = async (rights: string): Promise<Shape & { ca: string }> => {
  const stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder("twl-tls-"))
  const at = (name: string) => join(folder.path, name)
  const openssl = (...args: string[]) =>
    void execFileSync("openssl", args, { cwd: folder.path, stdio: "ignore" })
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-days",
    "2",
    "-subj",
    "/CN=test",
  )
  openssl(
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "redis.key",
    "-out",
    "redis.csr",
    "-subj",
    "/CN=localhost",
  )
  writeFileSync(at("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
  openssl(
    "x509",
    "-req",
    "-in",
    "redis.csr",
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-out",
    "redis.crt",
    "-days",
    "2",
    "-extfile",
    "names",
  )
  const port = await freePort()
  writeFileSync(at("users.acl"), `user default off\nuser twolane on >secret-0123456789 ${rights}\n`)
  stack.use(
    await startRedis({
      settings: {
        port: "0",
        "tls-port": String(port),
        "tls-cert-file": at("redis.crt"),
        "tls-key-file": at("redis.key"),
        "tls-ca-cert-file": at("ca.crt"),
        "tls-auth-clients": "no",
        aclfile: at("users.acl"),
      },
    }),
  )
  return {
    url: `rediss://twolane:secret-0123456789@localhost:${port}`,
    ca: at("ca.crt"),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
