import { type AuditHead, Fault } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { gather } from "../settle/gather.ts"
import { type Chain, startOf } from "./chain.ts"
import type { AuditStore, NewAuditRecord } from "./port.ts"

/** A team's log (stream) and where it stands (hash). */
export const auditLog = (team: string): string => `${teamFamily(team)}audit`
export const auditHead = (team: string): string => `${teamFamily(team)}audit-head`

/** More records of a team are not kept: the oldest fall off, a hundredth at a time. */
const defaultKept = 100_000
/** Writers of other processes may come between; each time somebody's records were appended. */
const maxTries = 100

type Waiting = { record: NewAuditRecord; at: number; place: (seq: number) => void }

/** Appends records, those of one process and team together. */
export const makeAppend = (
  context: Context,
  chain: Chain,
  maxKept: number = defaultKept,
): AuditStore["append"] => {
  const trimEvery = Math.ceil(maxKept / 100)
  const heads = new Map<string, AuditHead>()
  const send = gather<Waiting>(async (team, given) => {
    let waiting = given
    for (let tries = 0; tries < maxTries; tries += 1) {
      const head = heads.get(team) ?? { seq: 0, mac: "" }
      const links = sealAll(chain, team, head, waiting)
      const args = links.flatMap(({ json, mac }) => [json, mac])
      const call = context.run(
        "audit-append",
        [auditLog(team), auditHead(team)],
        [head.seq, head.mac, ...args],
      )
      const [done, seq, mac] = (await withDeadline(call)) as [number, number, string]
      const last = links.at(-1)
      if (done === 1 && last !== undefined) {
        heads.set(team, { seq: last.seq, mac: last.mac })
        for (const [index, { place }] of waiting.entries()) place(head.seq + 1 + index)
        if (last.seq % trimEvery < links.length) await trim(context, chain, team, last.seq - maxKept)
        return
      }
      // It can only grow: otherwise somebody cut it, or Redis came back with old data. The log itself says so from now on.
      if (seq < head.seq) waiting = [cutRecord(head.seq, seq, context.now()), ...waiting]
      heads.set(team, { seq, mac })
    }
    throw new Fault("store-unavailable", "The audit log could not be written.")
  })
  return async (team, records) => {
    let first = 0
    const at = context.now()
    const waiting = records.map((record, index) => ({
      record,
      at,
      place: (seq: number) => {
        if (index === 0) first = seq
      },
    }))
    await send(team, waiting)
    return first
  }
}

const sealAll = (chain: Chain, team: string, head: AuditHead, waiting: readonly Waiting[]) => {
  let before = head.seq === 0 ? startOf(team) : head.mac
  return waiting.map(({ record, at }, index) => {
    const seq = head.seq + 1 + index
    const json = JSON.stringify({ at, ...record })
    before = chain.next(before, seq, json)
    return { seq, json, mac: before }
  })
}

const cutRecord = (was: number, is: number, at: number): Waiting => ({
  record: {
    action: "audit.cut",
    by: { key: "system", name: "Twolane" },
    from: { via: "system" },
    object: { kind: "audit", id: String(was) },
    detail: { was, is },
  },
  at,
  place: () => {},
})

/** Lets go of the oldest records, and attests up to which one. */
const trim = async (context: Context, chain: Chain, team: string, floor: number): Promise<void> => {
  if (floor <= 0) return
  const { client } = context
  const [row] = await withDeadline(client.xrange(auditLog(team), `${floor}-0`, `${floor}-0`))
  const mac = row?.[1][3]
  if (mac === undefined) return
  const seal = chain.floor(team, floor, mac)
  const change = client
    .multi()
    .hset(auditHead(team), { floor, floorMac: mac, floorSeal: seal })
    .xtrim(auditLog(team), "MINID", `${floor + 1}-0`)
  await withDeadline(change.exec())
}
