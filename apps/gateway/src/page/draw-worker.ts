/** A thread that draws what a visit shows first, so that nothing else of the gateway waits for it. */
import { parentPort, workerData } from "node:worker_threads"
import type { DrawAsked, DrawSays, DrawWith } from "./draw.ts"

const { module } = workerData as DrawWith
// The page's own build, made for here.
const { drawQueue } = (await import(module)) as {
  drawQueue: (look: DrawAsked["look"], window: { narrow: boolean }) => Promise<string>
}
const warmDraws = 12
const say = (said: DrawSays) => parentPort?.postMessage(said)
let isWarm = false
/** Code that ran once is slow: the first look is drawn a few times more, while nothing else is asked for. */
const warm = async (look: DrawAsked["look"]): Promise<void> => {
  if (isWarm) return
  isWarm = true
  for (let again = 0; again < warmDraws; again += 1) {
    await drawQueue(look, { narrow: again % 2 === 1 })
    await new Promise(resolve => setImmediate(resolve))
  }
}
parentPort?.on("message", ({ id, look, narrow }: DrawAsked) => {
  drawQueue(look, { narrow })
    .then(html => {
      say({ id, html })
      return warm(look)
    })
    .catch((error: unknown) => say({ id, failed: String(error) }))
})
say({ ready: true })
