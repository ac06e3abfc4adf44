/** The hand's process: it starts what its big brother asks for, and ends with it. */
import type { Duplex } from "node:stream"
import { textHere, tryGitHere } from "../git/git.ts"
import { removeHere } from "../git/remove-folder.ts"
import { startKeeperHere } from "../keeper/child.ts"
import type { Failure, FromHand, ToHand } from "./protocol.ts"

type Order = Extract<ToHand, { type: "order" }>

const say = (message: FromHand, channel?: Duplex): void => {
  // Its reader may have gone meanwhile; then this process ends as well.
  process.send?.(message, channel as never, {}, () => undefined)
}

const running = new Map<number, AbortController>()

const serve = async (order: Order, signal: AbortSignal): Promise<FromHand | null> => {
  const { id, name } = order
  switch (name) {
    case "git":
      return { type: "done", id, value: await tryGitHere(order.input as never, signal) }
    case "text":
      return { type: "done", id, value: await textHere(order.input as never, signal) }
    case "remove":
      await removeHere(order.input as string)
      return { type: "done", id, value: null }
    case "keeper": {
      const { pid, channel, ended } = startKeeperHere(order.input as string)
      void ended.then(words => say({ type: "gone", id, words }))
      say({ type: "done", id, value: pid }, channel)
      return null
    }
    default:
      return name satisfies never
  }
}

const failureOf = (error: unknown): Failure => {
  if (!(error instanceof Error)) return { message: "it was ended" }
  const { message, code, syscall } = error as NodeJS.ErrnoException
  return { message, ...(code === undefined ? {} : { code }), ...(syscall === undefined ? {} : { syscall }) }
}

process.on("message", (message: ToHand) => {
  if (message.type === "abort") return running.get(message.id)?.abort()
  const { id } = message
  const stop = new AbortController()
  running.set(id, stop)
  void serve(message, stop.signal)
    .catch((error: unknown): FromHand => ({ type: "failed", id, failure: failureOf(error) }))
    .then(answer => {
      running.delete(id)
      if (answer !== null) say(answer)
    })
})

const leave = (): void => {
  for (const stop of running.values()) stop.abort()
  process.exit(0)
}
process.on("disconnect", leave)
// Node tells of no disconnection while a channel that it sent waits to be received, which a killed process never does.
process.stdin.once("end", leave).once("error", leave).resume()
