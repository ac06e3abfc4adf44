import type { IncomingMessage } from "node:http"
import type { FastifyInstance } from "fastify"

/** Lets go of a connection whose upgrade was answered as a plain request: Node reads no second request from it. */
export const endRefusedUpgrades = (app: FastifyInstance): void => {
  app.addHook("onSend", async ({ raw }, reply) => {
    if (isUpgrade(raw)) reply.header("connection", "close")
  })
  app.addHook("onResponse", async ({ raw }) => {
    if (isUpgrade(raw)) raw.socket.destroySoon()
  })
}

/** Node says so of a request that it handed to the `upgrade` listener; its types do not know. */
const isUpgrade = (raw: IncomingMessage & { upgrade?: boolean }): boolean => raw.upgrade === true
