import { Readable } from "node:stream"
import { AuditCheck, AuditRecord, Fault } from "@twolane/protocol"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import { accepts } from "../http/accept.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { PageQuery, problems } from "../http/schemas.ts"

const AuditQuery = PageQuery.extend({
  action: z.string().min(1).max(100).optional(),
  by: z.string().min(1).max(100).optional(),
  object: z.string().min(1).max(200).optional(),
  since: z.coerce.number().int().nonnegative().optional(),
  until: z.coerce.number().int().nonnegative().optional(),
})

const HeadQuery = z.strictObject({
  seq: z.coerce.number().int().positive().optional(),
  mac: z.string().min(1).max(100).optional(),
})

/** Who did what in the team, and the proof that nothing of it was changed. */
export const auditRoutes = (app: App, { store }: Gateway): void => {
  app.get(
    "/v1/audit",
    {
      schema: {
        summary: "Who did what, newest first; all of it as JSON lines for application/x-ndjson",
        tags: ["access"],
        querystring: AuditQuery,
        response: {
          200: {
            description: "A page, or every record that is kept, oldest first.",
            content: {
              "application/json": {
                schema: z.object({ items: z.array(AuditRecord), nextCursor: z.string().nullable() }),
              },
              "application/x-ndjson": { schema: z.string() },
            },
          },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { team } = callerOf(request)
      if (accepts(request, "application/x-ndjson")) {
        reply.header("content-disposition", 'attachment; filename="twolane-audit.jsonl"')
        const lines = Readable.from(linesOf(store.audit.all(team)))
        return reply.type("application/x-ndjson").send(lines as unknown as string)
      }
      const { cursor, limit, ...wanted } = request.query
      const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
      const before = cursor === undefined ? {} : { before: seqOf(cursor) }
      const { items, nextBefore } = await store.audit.list(team, { limit, ...given, ...before })
      const nextCursor = nextBefore === null ? null : String(nextBefore)
      return reply.type("application/json").send({ items, nextCursor })
    },
  )
  app.get(
    "/v1/audit/verify",
    {
      schema: {
        summary: "Whether the audit log is whole; with a head that was kept elsewhere, also against that",
        tags: ["access"],
        querystring: HeadQuery,
        response: { 200: AuditCheck, ...problems },
      },
    },
    request => {
      const { seq, mac } = request.query
      if ((seq === undefined) !== (mac === undefined)) {
        const errors = [
          { path: seq === undefined ? "seq" : "mac", message: "give both seq and mac, or neither" },
        ]
        throw new Fault("invalid", "Some fields are wrong; see errors.", { errors })
      }
      const known = seq === undefined || mac === undefined ? undefined : { seq, mac }
      return store.audit.verify(callerOf(request).team, known)
    },
  )
}

const seqOf = (cursor: string): number => {
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor)
  throw new Fault("bad-cursor", "Use a cursor of this list.")
}

async function* linesOf(records: AsyncIterable<AuditRecord>): AsyncGenerator<string, void> {
  for await (const record of records) yield `${JSON.stringify(record)}\n`
}
