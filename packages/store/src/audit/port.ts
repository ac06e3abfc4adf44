import type { Actor, AuditCheck, AuditHead, AuditRecord } from "@twolane/protocol"

/** A record before it has its place in the chain. */
export type NewAuditRecord = Omit<AuditRecord, "seq" | "at" | "mac">

/** Which records, newest first. */
export type AuditQuery = {
  limit: number
  /** Only what came before this one. */
  before?: number
  action?: string
  by?: Actor["key"]
  /** The id of what was acted on. */
  object?: string
  since?: number
  until?: number
}

/** Who did what in each team: appended to and never changed, each record sealed together with all before it. */
export type AuditStore = {
  /** Appends records; resolves with the number of the first once they are in the log. */
  append(team: string, records: readonly NewAuditRecord[]): Promise<number>
  /** `nextBefore` goes on; null at the end. A filter that finds little hands on after a while. */
  list(team: string, query: AuditQuery): Promise<{ items: AuditRecord[]; nextBefore: number | null }>
  /** All records that are kept, oldest first. */
  all(team: string): AsyncIterable<AuditRecord>
  /** Walks the whole chain; `known` is a head that was kept elsewhere. */
  verify(team: string, known?: AuditHead): Promise<AuditCheck>
}
