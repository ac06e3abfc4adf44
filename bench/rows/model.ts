import { median } from "../measure.ts"
import { startBenchModel } from "../model/model-process.ts"
import { promptFor } from "../model/order.ts"
import { openRawSocket } from "../model/raw-socket.ts"
import { cpuOf } from "../process-cpu.ts"
import type { Line, MeasureRow } from "../row.ts"

const rates = [1_000, 4_000]
const streams = [1, 20, 100]
const seconds = 1.5
const rounds = 3

/** Whether the simulated model keeps the rates that the other rows ask it for, and what that costs its process. */
export const run: MeasureRow = async ({ signal }) => {
  await using model = await startBenchModel(signal)
  const lines: Line[] = []
  const profile: string[] = []
  for (const rate of rates)
    for (const atOnce of streams) {
      const found = []
      for (let round = 0; round < rounds; round += 1) {
        signal.throwIfAborted()
        found.push(await stream(model, atOnce, rate))
      }
      const ours = median(found.map(each => each.perSecond))
      const what = `${atOnce} × ${rate.toLocaleString("en")} tokens/s, each`
      lines.push({
        what,
        floor: rate,
        ours,
        unit: "/s",
        ratio: ours / rate,
        goal: "≥ 0.95 ×",
        ok: ours >= rate * 0.95,
      })
      const cpu = median(found.map(each => each.cpuSecondsPerMillion))
      profile.push(`${atOnce} × ${rate}: ${cpu.toFixed(1)} CPU s per million tokens`)
    }
  return { lines, profile }
}

/** The slowest stream's rate, and the process' CPU time. */
const stream = async (model: { url: string; pid: number }, atOnce: number, rate: number) => {
  const sockets = await Promise.all(Array.from({ length: atOnce }, () => openRawSocket(model.url)))
  const tokens = rate * seconds
  const before = cpuOf(model.pid)
  const answers = await Promise.all(
    sockets.map((socket, index) =>
      socket.ask({
        model: "m",
        input: [{ role: "user", content: promptFor({ id: `${index}`, tokens, rate }) }],
      }),
    ),
  )
  const cpuMs = cpuOf(model.pid) - before
  for (const socket of sockets) socket[Symbol.dispose]()
  return {
    perSecond: Math.min(...answers.map(({ firstAt, lastAt }) => (tokens / (lastAt - firstAt)) * 1_000)),
    cpuSecondsPerMillion: (cpuMs / (tokens * atOnce)) * 1_000,
  }
}
