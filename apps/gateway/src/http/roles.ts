import { allows, Fault, type Role } from "@twolane/protocol"
import type { FastifyInstance } from "fastify"
import { type Caller, callerOf } from "./auth.ts"

/** The role that each route asks for. A route that is not here cannot be registered behind a key. */
export const roles: Readonly<Record<string, Role | undefined>> = {
  "GET /v1/me": "viewer",
  "DELETE /v1/session": "viewer",
  "DELETE /v1/sessions": "viewer",
  // For oneself; an invitation for another key asks for more.
  "POST /v1/sign-in-links": "viewer",
  "GET /v1/repos": "viewer",
  "GET /v1/repos/:name": "viewer",
  "GET /v1/tasks": "viewer",
  "GET /v1/tasks/counts": "viewer",
  "GET /v1/hindsight": "viewer",
  "GET /v1/tasks/:id": "viewer",
  "GET /v1/groups/:id": "viewer",
  "GET /v1/tasks/:id/events": "viewer",
  "GET /v1/tasks/:id/diff": "viewer",
  "GET /v1/events": "viewer",
  "GET /v1/gates": "viewer",
  "GET /v1/queue": "viewer",
  "GET /v1/queue/:lane/waiting": "viewer",
  "GET /v1/workers": "viewer",
  "GET /v1/kpis": "viewer",
  "GET /v1/disk": "viewer",
  "GET /v1/live": "viewer",
  // For oneself: whoever is linked by it may do what the key may.
  "POST /v1/chat/codes": "viewer",
  "GET /v1/chat/channels": "viewer",
  // What a tool does asks for the role of its route.
  "GET /mcp": "viewer",
  "POST /mcp": "viewer",
  "DELETE /mcp": "viewer",

  "POST /v1/tasks": "member",
  "POST /v1/tasks/batch": "member",
  "POST /v1/tasks/cancel": "member",
  "POST /v1/groups/:id/cancel": "member",
  "POST /v1/tasks/:id/turns": "member",
  "POST /v1/tasks/:id/retry": "member",
  "POST /v1/tasks/:id/undo": "member",
  "POST /v1/tasks/:id/steer": "member",
  "POST /v1/tasks/:id/cancel": "member",
  "POST /v1/tasks/:id/interrupt": "member",
  "POST /v1/tasks/:id/gates/:gate": "member",
  "POST /v1/tasks/:id/accept": "member",
  "POST /v1/tasks/:id/discard": "member",

  "POST /v1/repos": "admin",
  "DELETE /v1/repos/:name": "admin",
  "PUT /v1/repos/:name/credential": "admin",
  "DELETE /v1/repos/:name/credential": "admin",
  "PUT /v1/repos/:name/github": "admin",
  "DELETE /v1/repos/:name/github": "admin",
  "PUT /v1/repos/:name/secrets/:key": "admin",
  "DELETE /v1/repos/:name/secrets/:key": "admin",
  "POST /v1/queue/pause": "admin",
  "POST /v1/queue/resume": "admin",
  "POST /v1/queue/limits": "admin",
  "GET /v1/budget": "viewer",
  "PUT /v1/budget": "admin",
  "GET /v1/spend": "viewer",
  "POST /v1/workers/:worker/drain": "admin",
  "POST /v1/workers/:worker/resume": "admin",
  "POST /v1/disk/reclaim": "admin",
  "POST /v1/keys": "admin",
  "GET /v1/keys": "admin",
  "DELETE /v1/keys/:id": "admin",
  "POST /v1/webhooks": "admin",
  "GET /v1/webhooks": "admin",
  "GET /v1/webhooks/:id": "admin",
  "DELETE /v1/webhooks/:id": "admin",
  "GET /v1/webhooks/:id/deliveries": "admin",
  "POST /v1/webhooks/:id/deliveries/:message/replay": "admin",
  "POST /v1/webhooks/:id/test": "admin",
  "POST /v1/webhooks/:id/rotate": "admin",
  "GET /v1/chat/links": "admin",
  "POST /v1/chat/links": "admin",
  "DELETE /v1/chat/links/:platform/:workspace/:user": "admin",
  "PUT /v1/chat/channels/:platform/:workspace/:channel": "admin",
  "DELETE /v1/chat/channels/:platform/:workspace/:channel": "admin",
  "GET /v1/audit": "admin",
  "GET /v1/audit/verify": "admin",
}

/** Asks every route of `app` for the role in the table. Registered after `requireCaller` and before the routes. */
export const requireRoles = (app: FastifyInstance): void => {
  app.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat())
      if (roleFor(each, url) === undefined) throw new Error(`${each} ${url} asks for no role; see roles.ts`)
  })
  app.addHook("onRequest", (request, _reply, done) => {
    const { url = "" } = request.routeOptions
    const needed = roleFor(request.method, url)
    if (needed === undefined) throw new Error(`${request.method} ${url} asks for no role`)
    requireRole(callerOf(request), needed)
    done()
  })
}

const roleFor = (method: string, url: string): Role | undefined =>
  roles[`${method === "HEAD" ? "GET" : method} ${url}`]

/** @throws Fault forbidden, which names the role */
export const requireRole = ({ actor, role }: Caller, needed: Role): void => {
  if (allows(role, needed)) return
  throw new Fault("forbidden", `This needs the role ${needed}; the key of ${actor.name} is a ${role}'s.`, {
    extra: { needs: needed },
  })
}
