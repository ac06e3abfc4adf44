/** `npm run test:load -- --queued N --watchers N --streams N --minutes N`: puts a load on a whole house, and says what of it was lost. */
import { readOptions } from "../read-options.ts"
import { runLoad } from "./load.ts"

const values = readOptions("npm run test:load --", {
  queued: { value: "N", says: "deep tasks that wait at once", default: "10000" },
  watchers: { value: "N", says: "readers of streams", default: "1000" },
  streams: { value: "N", says: "fast turns at once", default: "100" },
  minutes: { value: "N", says: "it ends by itself after this", default: "15" },
})
// Each process of the house is killed as this one ends; a signal would end it without that.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130))
const limitMs = Number(values.minutes) * 60_000
const startedAt = performance.now()
const say = (line: string) =>
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(0)} s: ${line}`)
setTimeout(() => {
  console.log("the time is over")
  process.exit(1)
}, limitMs).unref()
const size = {
  queued: Number(values.queued),
  watchers: Number(values.watchers),
  streams: Number(values.streams),
}
const { wrong, figures } = await runLoad(size, say, AbortSignal.timeout(limitMs))
for (const line of wrong.slice(0, 50)) console.log(`  ${line}`)
say(`${JSON.stringify(figures)}; ${wrong.length} lost`)
process.exitCode = wrong.length === 0 ? 0 : 1
