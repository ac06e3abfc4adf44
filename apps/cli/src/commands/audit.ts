import type { AuditQuery } from "@twolane/client"
import { oneLine } from "@twolane/common/clean"
import type { AuditHead, AuditRecord } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes, UsageError } from "../exit.ts"

/** `twolane audit`: newest first. */
export const auditCommand = async (
  { client, output, signal }: Context,
  query: AuditQuery,
): Promise<number> => {
  const page = await client.audit(query, { signal })
  output.value(page)
  for (const record of page.items) output.line(auditWords(record))
  if (page.items.length === 0) output.line("Nothing was recorded.")
  return exitCodes.succeeded
}

/** One line about a record. */
export const auditWords = ({ at, by, action, object, from, detail }: AuditRecord): string => {
  const when = new Date(at).toISOString().replace("T", " ").slice(0, 19)
  const where = [from.via, from.origin, from.address].filter(word => word !== undefined).join(" ")
  const more = Object.entries(detail ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return oneLine(
    `${when}  ${by.name}  ${action}  ${object.kind} ${object.id}  (${where})  ${more.join(" ")}`,
    400,
  )
}

/** `twolane audit --export`: JSON lines, oldest first, as they come. */
export const exportAuditCommand = async ({ client, signal }: Context): Promise<number> => {
  const lines = await client.exportAudit({ signal })
  for await (const part of lines)
    if (!process.stdout.write(part)) await new Promise(resolve => process.stdout.once("drain", resolve))
  return exitCodes.succeeded
}

/** `twolane audit --verify`: 0 when the log is whole, 1 when it is not. */
export const verifyAuditCommand = async (
  { client, output, signal }: Context,
  known: AuditHead | undefined,
): Promise<number> => {
  const check = await client.verifyAudit(known, { signal })
  output.value(check)
  output.line(
    check.ok
      ? `The audit log is whole, from record ${check.from} to ${check.head.seq}.`
      : "The audit log is NOT whole:",
  )
  for (const { seq, what } of check.problems) output.line(`  record ${seq}: ${what}`)
  if (check.head.seq > 0)
    output.line(`Keep this elsewhere, for --known later: ${check.head.seq}:${check.head.mac}`)
  return check.ok ? exitCodes.succeeded : exitCodes.failed
}

/** A head as `--known` takes it. */
export const headOf = (text: string): AuditHead => {
  const [, seq, mac] = /^(\d{1,15}):([\w-]{43})$/.exec(text) ?? []
  if (seq === undefined || mac === undefined)
    throw new UsageError("--known: give <number>:<seal> as --verify printed it")
  return { seq: Number(seq), mac }
}
