import { z } from "zod"
import { Actor } from "./terms.ts"

const seq = z.number().int().nonnegative()

/** One act in a team: who did what to what, when, and from where. */
export const AuditRecord = z.object({
  /** Its place in the team's log, from 1 without a gap. */
  seq,
  at: z.number().int(),
  /** Such as `task.submit`, `gate.decide`, `key.revoke`. */
  action: z.string(),
  by: Actor,
  from: z.object({
    /**
     * `none`: neither a key nor a session was sent. `system`: not one request, but Twolane's count of several. `signature`: what a platform
     * signed, in the name of one of its people.
     */
    via: z.enum(["key", "session", "link", "signature", "none", "system"]),
    /** What sent it: `cli`, `page`, `mcp`, `slack`, `discord`, `github`, `api`. */
    origin: z.string().optional(),
    address: z.string().optional(),
    /** What a proxy says of where it came from. */
    forwarded: z.string().optional(),
    agent: z.string().optional(),
  }),
  object: z.object({ kind: z.string(), id: z.string() }),
  /** What matters later. `refused` with `of`: the act of that record was refused, by this code. */
  detail: z.record(z.string(), z.unknown()).optional(),
  request: z.string().optional(),
  /** Seals it together with all before it. */
  mac: z.string(),
})
export type AuditRecord = z.infer<typeof AuditRecord>

/** Where a team's log stands. */
export const AuditHead = z.object({ seq, mac: z.string() })
export type AuditHead = z.infer<typeof AuditHead>

/** Whether a team's log is whole. */
export const AuditCheck = z.object({
  ok: z.boolean(),
  /** The oldest record that is kept; that older ones were let go of is attested. */
  from: seq,
  /** Keep it elsewhere: given back, it proves that nothing up to it was taken away. */
  head: AuditHead,
  problems: z.array(z.object({ seq, what: z.string() })),
})
export type AuditCheck = z.infer<typeof AuditCheck>
