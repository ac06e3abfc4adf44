/** Holds a jailed tree of processes, and kills it when told through Redis. */
import { once } from "node:events"
import { Redis } from "ioredis"
import { childSide } from "../child.ts"
import { startJailed } from "./jailed-spawn.ts"
import { type HolderInput, names } from "./tree-orders.ts"

const pollEveryMs = 250

const { input, say } = childSide<HolderInput>()
const { order, gone } = names(input.hearing)
const redis = new Redis(input.url)
let kill = async (): Promise<void> => {}

const hold = async (): Promise<void> => {
  const child = startJailed(input.jailed)
  const ended = once(child, "close")
  // Killing bwrap ends its PID namespace; its pipes close when the kernel has ended every process in there.
  kill = async () => {
    child.kill("SIGKILL")
    await ended
    await redis.publish(gone, "")
  }
  for await (const data of child.stdout ?? []) if (String(data).includes("ready")) break
  say({ held: true })
}

process.on("message", () => void hold())
if (input.hearing === "published") {
  const subscriber = redis.duplicate()
  subscriber.on("message", () => void kill())
  await subscriber.subscribe(order)
} else {
  setInterval(() => void redis.getdel(order).then(found => (found === null ? null : kill())), pollEveryMs)
}
say({ ready: true })
