import type { IncomingMessage } from "node:http"
import type { FastifyInstance } from "fastify"

/** Lets go of a connection whose upgrade was answered as a plain request: Node reads no second request from it. */
export const endRefusedUpgrades = (app: FastifyInstance): void => {
  app.addHook("onSend", ({ raw }, reply, payload, done) => {
    if (isUpgrade(raw)) reply.header("connection", "close")
    done(null, payload)
  })
  app.addHook("onResponse", ({ raw }, _reply, done) => {
    if (isUpgrade(raw)) raw.socket.destroySoon()
    done()
  })
}

/** Node says so of a request that it handed to the `upgrade` listener; its types do not know. */
const isUpgrade = (raw: IncomingMessage & { upgrade?: boolean }): boolean => raw.upgrade === true
