import type { AuditCheck, AuditHead, AuditRecord } from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import { withDeadline } from "../redis/deadline.ts"
import { auditHead, auditLog } from "./append.ts"
import { type Chain, startOf } from "./chain.ts"
import type { AuditQuery, AuditStore } from "./port.ts"

/** Rows a page reads at most before it hands on a cursor, however few of them fit. */
const maxScanned = 5_000
const pageRows = 500
/** A broken chain may break everywhere: what is told of it stays short. */
const maxProblems = 100

type Row = { seq: number; json: string; mac: string }

/** Reads a team's audit log, and proves it. */
export const auditReads = (context: Context, chain: Chain): Pick<AuditStore, "list" | "all" | "verify"> => ({
  list: (team, query) => listRecords(context, team, query),
  all: team => allRecords(context, team),
  verify: (team, known) => verifyChain(context, chain, team, known),
})

const recordOf = ({ seq, json, mac }: Row): AuditRecord => ({ ...fromJson<AuditRecord>(json), seq, mac })

const rowOf = ([id, fields]: [string, string[]]): Row => ({
  seq: Number(id.split("-")[0]),
  json: fields[1] ?? "",
  mac: fields[3] ?? "",
})

const listRecords: (context: Context, team: string, query: AuditQuery) => ReturnType<AuditStore["list"]> =
  async ({ client }, team, query) => {
    const items: AuditRecord[] = []
    let before = query.before ?? Number.MAX_SAFE_INTEGER
    for (let scanned = 0; scanned < maxScanned; scanned += pageRows) {
      const rows = await withDeadline(
        client.xrevrange(auditLog(team), `(${before}-0`, "-", "COUNT", pageRows),
      )
      for (const row of rows.map(rowOf)) {
        before = row.seq
        const record = recordOf(row)
        if (record.at < (query.since ?? 0)) return { items, nextBefore: null }
        if (fits(record, query)) items.push(record)
        if (items.length === query.limit) return { items, nextBefore: before }
      }
      if (rows.length < pageRows) return { items, nextBefore: null }
    }
    return { items, nextBefore: before }
  }

const fits = (record: AuditRecord, { action, by, object, until }: AuditQuery): boolean =>
  (action === undefined || record.action === action) &&
  (by === undefined || record.by.key === by) &&
  (object === undefined || record.object.id === object) &&
  (until === undefined || record.at <= until)

async function* readRows({ client }: Context, team: string): AsyncGenerator<Row, void> {
  for (let after = "0-0"; ; ) {
    const rows = await withDeadline(client.xrange(auditLog(team), `(${after}`, "+", "COUNT", pageRows))
    for (const row of rows) yield rowOf(row)
    const last = rows.at(-1)
    if (rows.length < pageRows || last === undefined) return
    after = last[0]
  }
}

async function* allRecords(context: Context, team: string): AsyncGenerator<AuditRecord, void> {
  for await (const row of readRows(context, team)) yield recordOf(row)
}

const verifyChain = async (
  context: Context,
  chain: Chain,
  team: string,
  known?: AuditHead,
): Promise<AuditCheck> => {
  // The head first: what is appended meanwhile comes after it.
  const kept = await withDeadline(context.client.hgetall(auditHead(team)))
  const head = { seq: Number(kept.seq ?? 0), mac: kept.mac ?? "" }
  const floor = Number(kept.floor ?? 0)
  const problems: AuditCheck["problems"] = []
  const found = (seq: number, what: string) => {
    if (problems.length < maxProblems) problems.push({ seq, what })
  }
  if (floor > 0 && !chain.same(kept.floorSeal ?? "", chain.floor(team, floor, kept.floorMac ?? "")))
    found(floor, "nothing attests that the records up to this one were let go of")
  let seq = floor
  let before = floor > 0 ? (kept.floorMac ?? "") : startOf(team)
  let knownSeen = known === undefined || known.seq <= floor
  for await (const row of readRows(context, team)) {
    if (row.seq !== seq + 1) found(seq + 1, `${row.seq - seq - 1} records are missing`)
    else if (!chain.same(row.mac, chain.next(before, row.seq, row.json)))
      found(row.seq, "it was changed, or put in")
    if (fromJson<AuditRecord>(row.json).action === "audit.cut")
      found(row.seq, "the log was cut, or Redis came back with old data, before this record")
    if (row.seq === known?.seq) {
      knownSeen = true
      if (!chain.same(row.mac, known.mac)) found(row.seq, "it is not the record that was known elsewhere")
    }
    seq = row.seq
    before = row.mac
    if (row.seq === head.seq && !chain.same(row.mac, head.mac)) found(row.seq, "it is not the head")
  }
  if (seq < head.seq) found(seq + 1, `${head.seq - seq} records are missing at the end`)
  if (!knownSeen) found(known?.seq ?? 0, "the record that was known elsewhere is not there")
  return { ok: problems.length === 0, from: floor + 1, head, problems }
}
