import { Cluster, type Redis } from "ioredis"
import type { Client } from "./connect.ts"

/**
 * Hands all commands of one turn of the event loop to the system together: a call to it costs as much as the command itself, and each
 * wakes Redis. The order stays, and nothing waits: what is written goes out as soon as what had arrived is worked off.
 */
export const gatherWrites = (client: Client): void => {
  if (client instanceof Cluster) client.on("+node", gatherOf)
  else gatherOf(client)
}

const gatherOf = (client: Redis): void => {
  client.on("connect", () => {
    const { stream } = client
    const write = stream.write.bind(stream)
    const end = stream.end.bind(stream)
    let gathered = ""
    let gathering = false
    const flush = () => {
      const text = gathered
      gathered = ""
      if (text !== "") write(text)
    }
    // One text costs the stream far less than many chunks do, even in one call.
    const writeGathered = (...args: Parameters<typeof write>): boolean => {
      const [chunk] = args
      if (typeof chunk !== "string" || args.length > 1) {
        flush()
        return write(...args)
      }
      gathered += chunk
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
