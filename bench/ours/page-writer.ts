/** Writes events of a team's tasks at a steady rate, as workers and people do: tasks come, speak, and end. */
import { system } from "@twolane/protocol"
import { cancelTask } from "../../apps/gateway/src/decide/cancel.ts"
import { childSide } from "../child.ts"
import { newTask, openBenchStore, team } from "./store.ts"

/** At how many events a second, and for how long. */
export type WriterInput = { url: string; perSecond: number; forMs: number }
/** What it says at its end: how many were written in all, and the last task that it made, which stays. */
export type WriterSays = { ready: true } | { written: number; tookMs: number; last: string }

const everyMs = 100
const { input, say } = childSide<WriterInput>()
const store = await openBenchStore(input.url)

/** Tasks that speak; each round one of them ends, and another one comes. */
const open: string[] = []
let written = 0

const come = async (): Promise<string> => {
  const made = newTask(written, store.now())
  await store.create(made)
  open.push(made.task)
  written += 2
  return made.task
}

const speak = async (task: string): Promise<void> => {
  const done = await store.change({
    team,
    task,
    decide: (state, now) => [
      { type: "message.done", text: `It is ${now}.`, turn: state.turns.at(-1)?.id ?? null, at: now },
    ],
  })
  written += done.ok ? done.events.length : 0
}

const leave = async (): Promise<void> => {
  const task = open.shift()
  if (task === undefined) return
  const done = await store.change({
    team,
    task,
    decide: (state, now) => cancelTask(state, { by: system }, now),
  })
  written += done.ok ? done.events.length : 0
}

const round = async (target: number): Promise<void> => {
  await come()
  await leave()
  for (let next = 0; written < target; next += 1) await speak(open[next % open.length] ?? "")
}

for (let index = 0; index < 20; index += 1) await come()
say({ ready: true })
process.once("message", () => void write())

const write = async (): Promise<void> => {
  const startedAt = performance.now()
  written = 0
  for (let elapsed = 0; elapsed < input.forMs; elapsed = performance.now() - startedAt) {
    await round(Math.ceil(((elapsed + everyMs) / 1_000) * input.perSecond))
    const rest = startedAt + (written / input.perSecond) * 1_000 - performance.now()
    if (rest > 0) await new Promise(resolve => setTimeout(resolve, rest))
  }
  const last = await come()
  say({ written, tookMs: performance.now() - startedAt, last })
}
