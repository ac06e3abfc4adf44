import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { type Cable, openCable } from "../cable.ts"
import { makeTempFolder } from "../temp.ts"
import { type Namespace, openNamespace } from "./namespace.ts"
import { openRelay, type RelayEnds } from "./relay.ts"

/** A host: its own network, loopback, address and name, on one bridge with the others. Files and processes are this machine's. */
export type Host = Pick<Namespace, "within" | "processes"> & {
  readonly name: string
  readonly address: string
  /** Takes its cable out of the switch: nothing comes or goes any more, and nobody is told. */
  unplug(): void
  plug(): void
  /** Drops its side of the connections with another host, as if it had been started anew: unplugged, that one does not hear of it. */
  forget(other: Host): void
  /** A way from this machine's loopback to a port of the host. */
  reach(port: number): Promise<Cable>
  /** Lets a server on this machine's loopback be found at the host's address, at the same port. */
  serve(port: number): Promise<void>
}

/** Some hosts on one switch. Disposing it leaves nothing: no process, no link, no name. */
export type Hosts<Name extends string> = AsyncDisposable & Readonly<Record<Name, Host>>

// Nothing of it is seen outside of the namespaces.
const network = "10.213.0"
const switchNumber = 254

/** Makes hosts with these names. All of it is in namespaces that end with this process, the switch as well. */
export const startHosts = async <Name extends string>(...names: Name[]): Promise<Hosts<Name>> => {
  await using starting = new AsyncDisposableStack()
  // Goes on after the start: what leads to a host is made when it is asked for.
  const stack = starting.use(new AsyncDisposableStack())
  const folder = stack.use(await makeTempFolder("twl-hosts-"))
  const middle = stack.use(await openNamespace("switch"))
  middle.run("ip", "link", "add", "lan", "type", "bridge")
  middle.run("ip", "addr", "add", `${network}.${switchNumber}/24`, "dev", "lan")
  middle.run("ip", "link", "set", "lan", "up")
  const hosts: [Name, Host][] = []
  for (const [index, name] of names.entries()) {
    const own = stack.use(await openNamespace(name))
    const address = `${network}.${index + 1}`
    const port = `port-${index + 1}`
    middle.run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", String(own.pid))
    middle.run("ip", "link", "set", port, "master", "lan", "up")
    own.run("ip", "addr", "add", `${address}/24`, "dev", "eth0")
    own.run("ip", "link", "set", "eth0", "up")
    const path = (what: string) => join(folder.path, `${name}-${what}`)
    hosts.push([
      name,
      {
        name,
        address,
        within: own.within,
        processes: () => own.processes(),
        unplug: () => void middle.run("ip", "link", "set", port, "down"),
        plug: () => void middle.run("ip", "link", "set", port, "up"),
        forget: other => void own.run("ss", "--kill", "--tcp", "dst", other.address),
        reach: async number => {
          const socket = { path: path(`to-${number}`) }
          stack.use(await startRelay(middle, { from: socket, to: { host: address, port: number } }))
          return stack.use(await openCable(socket))
        },
        serve: async number => {
          const socket = { path: path(`from-${number}`) }
          stack.use(await openRelay({ from: socket, to: { host: "127.0.0.1", port: number } }))
          stack.use(await startRelay(own, { from: { host: address, port: number }, to: socket }))
        },
      },
    ])
  }
  const all = starting.move()
  return Object.assign(Object.fromEntries(hosts) as Record<Name, Host>, {
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  })
}

/** A relay between a namespace and the rest of the machine: sockets of files know no networks. */
const startRelay = async (where: Namespace, ends: RelayEnds): Promise<AsyncDisposable> => {
  const [program, ...args] = [...where.within, process.execPath]
  const main = join(import.meta.dirname, "relay-main.ts")
  const relay = spawn(program, [...args, main, JSON.stringify(ends)], { stdio: ["pipe", "pipe", "inherit"] })
  const ended = once(relay, "exit")
  relay.stdin.on("error", () => undefined)
  await Promise.race([
    once(relay.stdout, "data"),
    ended.then(() => Promise.reject(new Error("a relay did not start"))),
  ])
  return {
    [Symbol.asyncDispose]: async () => {
      relay.kill("SIGKILL")
      await ended
    },
  }
}
