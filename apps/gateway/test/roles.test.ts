import { type Role, Role as RoleSchema } from "@twolane/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { roles } from "../src/http/roles.ts"
import { keyOf } from "./keys-of.ts"
import { type OpenGateway, openGateway } from "./open-gateway.ts"

let gateway: OpenGateway
const secrets: Record<string, string> = {}
beforeAll(async () => {
  gateway = await openGateway()
  for (const role of RoleSchema.options) secrets[role] = (await keyOf(gateway, { name: role, role })).secret
})
afterAll(() => gateway[Symbol.asyncDispose]())

const task = `task_${"0".repeat(26)}`
const params: Record<string, string> = { id: task, gate: `gate_${"0".repeat(26)}`, name: "nowhere", key: "X" }
const ask = async (route: string, secret: string | null) => {
  const [method = "", path = ""] = route.split(" ")
  const url = gateway.url + path.replace(/:(\w+)/g, (_whole, name: string) => params[name] ?? "")
  const answer = await fetch(url, {
    method,
    headers: {
      ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
      "content-type": "application/json",
    },
    ...(method === "GET" ? {} : { body: "{}" }),
  })
  const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") ?? false
  if (isStream) await answer.body?.cancel()
  return {
    status: answer.status,
    body: isStream ? null : await answer.text().then(text => text && JSON.parse(text)),
  }
}

// What the contract says, in other words than the table's.
const memberRoutes =
  /^POST \/v1\/(?:groups\/:id\/cancel$|tasks(?:$|\/batch$|\/cancel$|\/:id\/(?:turns|retry|steer|cancel|interrupt|gates\/:gate|accept|discard|undo)$))/
const adminRoutes =
  /^(?:POST|PUT|DELETE) \/v1\/(?:repos|queue|budget|workers|webhooks|disk|chat\/channels)\b|^\w+ \/v1\/(?:keys|webhooks|audit|chat\/links)\b/
const neededBy = (route: string): Role =>
  adminRoutes.test(route) ? "admin" : memberRoutes.test(route) ? "member" : "viewer"
const mayCall = (role: Role, route: string): boolean =>
  role === "admin" || neededBy(route) === "viewer" || (role === "member" && neededBy(route) === "member")

describe.each(Object.keys(roles))("%s", route => {
  test("nobody gets in without a key, and each role as far as it goes", async () => {
    for (const secret of [null, "twl_wrong"])
      expect(await ask(route, secret)).toMatchObject({ status: 401, body: { code: "unauthorized" } })
    for (const role of RoleSchema.options) {
      const { status, body } = await ask(route, secrets[role] ?? "")
      const needs = body?.code === "forbidden" ? body.needs : null
      expect([role, status === 403, needs]).toEqual(
        mayCall(role, route) ? [role, false, null] : [role, true, neededBy(route)],
      )
      expect(status).not.toBe(401)
    }
  })
})

test("a route that the table does not have cannot be registered", async () => {
  const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
    paths: Record<string, object>
  }
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
  )
  const open = ["POST /v1/session", "GET /healthz", "GET /readyz"]
  expect(described.filter(route => roles[route] === undefined).toSorted()).toEqual(open.toSorted())
})
