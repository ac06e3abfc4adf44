/** Stands between the bench and the holder, as a gateway stands between a client and a worker. */
import { childSide, startChild } from "../child.ts"
import type { HolderHears, HolderInput, HolderSays } from "./tree-orders.ts"

const { input, say } = childSide<HolderInput>()
const holder = startChild<HolderSays>("floors/tree-holder.ts", input)
const never = new AbortController().signal
process.on("message", (order: HolderHears) => holder.send(order))
for (;;) say(await holder.next(never))
