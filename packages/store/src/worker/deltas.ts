import { continuesDelta, type DeltaBody } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { taskKeys } from "../keys.ts"
import type { TaskRef } from "../port.ts"

/** Gathers live text and publishes it every 20 ms; nothing waits for it, and what Redis does not take is lost. */
export type DeltaSink = {
  put: (delta: DeltaBody) => void
  /** Sends what is there: before each write, so that text stays in front of the event that ends it. */
  flush: () => void
}

/** The live text of all attempts of a process: what they gathered in 20 ms leaves in one call, which costs as much as one of them. */
export type LiveText = { open: (of: Speaker) => DeltaSink }

type Speaker = { ref: TaskRef; turn: string; attempt: number }
/** A piece of it as it is published: what it shares with the others of its attempt is said once. */
type Piece = DeltaBody & { at: number }
/** What one attempt gathered, as the script takes it. */
type Said = { key: string; args: readonly [attempt: number, message: string] }

const gatherMs = 20
/** Text beyond this is dropped while Redis does not take it: the event that ends it has the whole. */
const mostCharsOnTheWay = 4 * 1024 ** 2

/** Makes the live text of one process. */
export const makeLiveText = (context: Context): LiveText => {
  const gathering = new Set<() => Said>()
  let timer: NodeJS.Timeout | null = null
  let charsOnTheWay = 0
  const send = (said: readonly Said[]) => {
    if (charsOnTheWay >= mostCharsOnTheWay) return
    const keys = said.map(({ key }) => key)
    const args = said.flatMap(({ args }) => args)
    const chars = said.reduce((sum, { args: [, message] }) => sum + message.length, 0)
    charsOnTheWay += chars
    const settle = () => {
      charsOnTheWay -= chars
    }
    // Nobody hears of a failure: it is ephemeral by contract. Without a deadline it counts for as long as it takes memory.
    context.run("task-deltas", keys, args).then(settle, settle)
  }
  const sendAll = () => {
    timer = null
    const said = [...gathering].map(take => take())
    gathering.clear()
    // A function of a cluster has one task's keys only.
    if (context.cluster) for (const one of said) send([one])
    else if (said.length > 0) send(said)
  }
  return {
    open: of => {
      const { ref, turn, attempt } = of
      const { state } = taskKeys(ref)
      let gathered: Piece[] = []
      const take = (): Said => {
        const message = JSON.stringify({ a: attempt, t: turn, d: gathered })
        gathered = []
        return { key: state, args: [attempt, message] }
      }
      return {
        put: delta => {
          const last = gathered.at(-1)
          if (last !== undefined && continuesDelta(last, delta)) {
            last.text += delta.text
            return
          }
          gathered.push({ ...delta, at: context.now() })
          gathering.add(take)
          if (timer === null) timer = setTimeout(sendAll, gatherMs)
        },
        flush: () => {
          if (gathering.delete(take)) send([take()])
        },
      }
    },
  }
}
