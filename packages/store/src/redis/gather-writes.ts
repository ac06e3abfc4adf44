import { Cluster, type Redis } from "ioredis"
import type { Client } from "./connect.ts"

/**
 * Hands commands to the system together: a call to it costs as much as a command itself, and each wakes Redis. What one turn of the
 * event loop says goes out in one call. What is said while Redis has two calls to work on goes out when an answer comes, since Redis
 * would not look at it before; should none come, after a millisecond. The order stays, and on an idle connection nothing waits.
 */
export const gatherWrites = (client: Client): void => {
  if (client instanceof Cluster) client.on("+node", gatherOf)
  else gatherOf(client)
}

const longestWaitMs = 1
/** One call that Redis works on, and one that it finds when it is done. */
const mostUnderWay = 2

const gatherOf = (client: Redis): void => {
  client.on("connect", () => {
    const { stream } = client
    const write = stream.write.bind(stream)
    const end = stream.end.bind(stream)
    let gathered: string[] = []
    let looking = false
    let underWay = 0
    let timer: NodeJS.Timeout | undefined
    const flush = () => {
      clearTimeout(timer)
      timer = undefined
      if (gathered.length === 0) return
      const bytes = joined(gathered)
      gathered = []
      underWay += 1
      write(bytes)
    }
    const look = () => {
      looking = false
      if (underWay >= mostUnderWay) timer ??= setTimeout(flush, longestWaitMs)
      else flush()
    }
    const lookSoon = () => {
      if (looking) return
      looking = true
      setImmediate(look)
    }
    stream.on("data", () => {
      underWay = Math.max(0, underWay - 1)
      if (gathered.length > 0) lookSoon()
    })
    const writeGathered = (...args: Parameters<typeof write>): boolean => {
      const [chunk] = args
      if (typeof chunk !== "string" || args.length > 1) {
        flush()
        return write(...args)
      }
      gathered.push(chunk)
      lookSoon()
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
