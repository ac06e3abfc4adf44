import { Cluster, type Redis } from "ioredis"
import type { Client } from "./connect.ts"

/**
 * Hands all commands of one turn of the event loop to the system together: a call to it costs as much as the command itself, and each
 * wakes Redis. The order stays, and nothing waits: what is written goes out as soon as what had arrived is worked off. (To wait for the
 * answer to what is under way saves a tenth of the CPU of a busy process, and costs each cancel a millisecond.)
 */
export const gatherWrites = (client: Client): void => {
  if (client instanceof Cluster) client.on("+node", gatherOf)
  else gatherOf(client)
}

/** What flushes a connection's gathered commands. */
const flushes = new WeakMap<Client, () => void>()

/** Hands what a connection gathered to the system now: the caller has more to do in this tick, and Redis need not wait for that. */
export const sendGathered = (client: Client): void => flushes.get(client)?.()

const gatherOf = (client: Redis): void => {
  client.on("connect", () => {
    const { stream } = client
    const write = stream.write.bind(stream)
    const end = stream.end.bind(stream)
    let gathered: string[] = []
    let gathering = false
    const flush = () => {
      if (gathered.length === 0) return
      const bytes = joined(gathered)
      gathered = []
      write(bytes)
    }
    flushes.set(client, flush)
    const writeGathered = (...args: Parameters<typeof write>): boolean => {
      const [chunk] = args
      if (typeof chunk !== "string" || args.length > 1) {
        flush()
        return write(...args)
      }
      gathered.push(chunk)
      if (gathering) return true
      gathering = true
      setImmediate(() => {
        gathering = false
        flush()
      })
      return true
    }
    const endGathered = (...args: Parameters<typeof end>) => {
      flush()
      return end(...args)
    }
    stream.write = writeGathered as typeof write
    stream.end = endGathered as typeof end
  })
}

/** Texts as bytes, each encoded by itself: one letter outside of Latin 1 makes a whole string twice as long, and slow to encode. */
const joined = (texts: readonly string[]): Buffer => {
  const most = texts.reduce((sum, { length }) => sum + length * 3, 0)
  const bytes = Buffer.allocUnsafe(most)
  let at = 0
  for (const text of texts) at += bytes.write(text, at)
  return bytes.subarray(0, at)
}
