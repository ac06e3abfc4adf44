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
    let gathering = false
    const writeGathered = (...args: Parameters<typeof write>): boolean => {
      if (!gathering) {
        gathering = true
        stream.cork()
        setImmediate(() => {
          gathering = false
          stream.uncork()
        })
      }
      return write(...args)
    }
    stream.write = writeGathered as typeof write
  })
}
