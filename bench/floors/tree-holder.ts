/**
 * Holds a jailed tree of processes and kills it when told: by a message, or (the alternative) by a key in Redis that it
 * looks at four times a second.
 */
import { once } from "node:events"
import { Redis } from "ioredis"
import { childSide } from "../child.ts"
import { startJailed } from "./jailed-spawn.ts"
import { type HolderHears, type HolderInput, pollKey } from "./tree-orders.ts"

const pollEveryMs = 250

const { input, say } = childSide<HolderInput>()
let tree = startNothing()

const hold = async (): Promise<void> => {
  const child = startJailed(input.jailed)
  tree = { end: () => child.kill("SIGKILL"), ended: once(child, "close") }
  for await (const data of child.stdout ?? []) if (String(data).includes("ready")) break
  say({ held: true })
}

// Killing bwrap ends its PID namespace; it is reaped when the kernel has ended every process in there.
const kill = async (): Promise<void> => {
  tree.end()
  await tree.ended
  say({ gone: true })
}

process.on("message", (order: HolderHears) => void (order.do === "hold" ? hold() : kill()))
if (input.polls !== null) {
  const redis = new Redis(input.polls)
  setInterval(() => void redis.getdel(pollKey).then(found => (found === null ? null : kill())), pollEveryMs)
}
say({ ready: true })

function startNothing(): { end: () => void; ended: Promise<unknown> } {
  return { end: () => {}, ended: Promise.resolve() }
}
