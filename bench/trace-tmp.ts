import { appendFileSync, writeFileSync } from "node:fs"
import { orderOf } from "./floors/ask-floor.ts"
import { finish, openFastHouse } from "./ours/fast-house.ts"
const signal = AbortSignal.timeout(200_000)
await using ours = await openFastHouse(signal)
const steps = Number(process.argv[2] ?? 5)
const { task } = await finish(await ours.begin(orderOf({ steps: Math.min(34, steps), tokens: 1 })))
for (let left = steps - 34; left > 0; left -= 35) await finish(await ours.next(task, orderOf({ steps: 34, tokens: 1 })))
for (let i = 0; i < 8; i++) await finish(await ours.next(task, orderOf({ tokens: 5 })))
writeFileSync("/tmp/fastw-trace", "")
for (let i = 0; i < 8; i++) {
  const order = orderOf({ tokens: 5 })
  appendFileSync("/tmp/fastw-trace", `${(performance.timeOrigin + performance.now()).toFixed(2)} START\n`)
  const turn = await ours.next(task, order)
  const { at, bytes } = await ours.model.asked(order.id)
  const { sentAt } = await finish(turn)
  appendFileSync("/tmp/fastw-trace", `0 SUM ${(at - sentAt).toFixed(2)} ms ${bytes} B\n`)
}
