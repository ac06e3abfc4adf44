import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer, type Server } from "node:https"
import type { AddressInfo } from "node:net"
import { ConfigError, type FleetSetting } from "@twolane/common"
import type { WorkerProcess } from "@twolane/turns"

/** How long somebody may take to prove that they have the fleet's key. */
const handshakeMs = 5_000

/** A server that only who has the fleet's key can speak to, and the address that gateways are told. */
export type TcpServer = { server: Server; address: { host: string; port: number } }

/**
 * Listens for gateways of other hosts.
 * @throws ConfigError when it cannot listen there
 */
export const listenOnTcp = async (
  { fleetTls, host, log }: Pick<WorkerProcess, "fleetTls" | "host" | "log">,
  fleet: FleetSetting,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TcpServer> => {
  const { identity, key, ...tls } = fleetTls
  const server = createServer(
    {
      ...tls,
      handshakeTimeout: handshakeMs,
      pskCallback: (_socket, given) => (given === identity ? key : null),
    },
    onRequest,
  )
  server.on("tlsClientError", error =>
    log.debug({ error }, "somebody without the fleet's key was turned away"),
  )
  await new Promise<void>((resolve, reject) => {
    server.once("error", error =>
      reject(new ConfigError("TWOLANE_FLEET_HOST", error.message, { cause: error })),
    )
    server.listen(fleet.port, fleet.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return { server, address: { host: fleet.address ?? host, port } }
}
