import { startChild } from "../child.ts"
import type { ModelSays } from "./order.ts"

type Told = Exclude<ModelSays, { listens: string }>

/** The simulated model as a process. */
export type BenchModel = AsyncDisposable & {
  readonly url: string
  readonly pid: number
  /** When the request of an order had come, and how many bytes it was. The newest, when it came more than once. */
  asked(id: string): Promise<{ at: number; bytes: number }>
  /** How many bytes an order's conversation had in all. */
  weighed(id: string): Promise<number>
  /** When the mark of an order's patch had left. */
  marked(id: string): Promise<number>
  /** When an order's answer had ended, and how. */
  ended(id: string): Promise<{ at: number; how: string }>
}

/** Starts the model's process. */
export const startBenchModel = async (signal: AbortSignal): Promise<BenchModel> => {
  await using stack = new AsyncDisposableStack()
  const child = stack.use(startChild<ModelSays>("model/model-child.ts", {}))
  const first = await child.next(signal)
  if (!("listens" in first)) throw new Error("the model does not listen")
  const told = new Map<string, Told>()
  const waiting = new Map<string, (said: Told) => void>()
  const hear = async () => {
    for (;;) {
      const said = (await child.next(signal)) as Told
      const key = keyOf(said)
      const wake = waiting.get(key)
      waiting.delete(key)
      if (wake === undefined) told.set(key, said)
      else wake(said)
    }
  }
  hear().catch(() => undefined) // the end of it: whoever waits is ended by the row's limit
  const until = <Said extends Told>(key: string): Promise<Said> =>
    new Promise(resolve => {
      const known = told.get(key)
      told.delete(key)
      if (known !== undefined) resolve(known as Said)
      else waiting.set(key, said => resolve(said as Said))
    })
  const owned = stack.move()
  return {
    url: first.listens,
    pid: child.pid,
    asked: id => until<Extract<Told, { asked: string }>>(`asked ${id}`),
    weighed: async id => (await until<Extract<Told, { weighed: string }>>(`weighed ${id}`)).bytes,
    marked: async id => (await until<Extract<Told, { marked: string }>>(`marked ${id}`)).at,
    ended: id => until<Extract<Told, { ended: string }>>(`ended ${id}`),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const keyOf = (said: Told): string => {
  if ("asked" in said) return `asked ${said.asked}`
  if ("weighed" in said) return `weighed ${said.weighed}`
  return "marked" in said ? `marked ${said.marked}` : `ended ${said.ended}`
}
