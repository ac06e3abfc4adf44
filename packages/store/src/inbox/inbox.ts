import { hash } from "node:crypto"
import { type Context, fromJson } from "../context.ts"
import type { Hub } from "../follow/hub.ts"
import { readTeamEntries } from "../follow/team.ts"
import { inboxFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { ScriptArg } from "../redis/script.ts"
import type { InboxStore, Incoming, Received } from "./port.ts"

/** GitHub sends again what is three days old, and signs no time: what came is remembered for longer. */
const rememberMs = 8 * 24 * 60 * 60 * 1_000
/** More do not wait: the platform is told to come again. */
const mostWaiting = 10_000

/** Entries of a team's stream in one look. */
const entriesAtOnce = 200

type Record = Omit<Received, "raw" | "fence" | "platform">

/** The inbox: what platforms sent, each once, in the order of its conversation. */
export const inboxCalls = (context: Context, hub: Hub): InboxStore => {
  const { client, now } = context
  const run = (name: "inbox-put" | "inbox-take" | "inbox-settle", platform: string, args: ScriptArg[]) =>
    withDeadline(context.run(name, [inboxFamily(platform)], args))
  const settle = async (received: Received, dueAt: number | "", record: string, forget: string[]) => {
    const { platform, id, fence, conversation } = received
    const args = [digest(id), fence, dueAt, record, digest(conversation), now(), ...forget]
    return (await run("inbox-settle", platform, args)) === 1
  }
  return {
    put: async (platform, incoming) => {
      const { raw, id, conversation, headers } = incoming
      const record: Record = { id, conversation, headers, receivedAt: now(), failures: 0 }
      const marks = marksOf(incoming)
      const args = [digest(id), ...marks, JSON.stringify(record), raw, digest(conversation), now()]
      const kept = await run("inbox-put", platform, [...args, rememberMs, mostWaiting])
      return kept === 1 ? "kept" : kept === 0 ? "seen" : "full"
    },
    take: async (platform, { most, hideMs }) => {
      const taken = (await run("inbox-take", platform, [now(), hideMs, most])) as (string | number)[]
      const found = Array.from({ length: taken.length / 3 }, async (_, index): Promise<Received[]> => {
        const [item, fence, record] = taken.slice(index * 3) as [string, number, string]
        const raw = await withDeadline(client.hgetBuffer(`${inboxFamily(platform)}bodies`, item))
        // It was settled since.
        return raw === null ? [] : [{ ...fromJson<Record>(record), platform, raw, fence }]
      })
      return (await Promise.all(found)).flat()
    },
    hold: (received, hideMs) => settle(received, now() + hideMs, "", []),
    settle: async (received, settled) => {
      if (settled.what !== "retry")
        return await settle(received, "", "", settled.what === "failed" ? marksOf(received) : [])
      const { id, conversation, headers, receivedAt } = received
      const record: Record = { id, conversation, headers, receivedAt, failures: settled.failures }
      return await settle(received, settled.dueAt, JSON.stringify(record), [])
    },
    readOn: async (reader, team, take) => {
      const key = `${inboxFamily(reader)}place:${team}`
      const place = (await withDeadline(client.get(key))) ?? "0-0"
      const { events, last, full } = await readTeamEntries(context, team, place, entriesAtOnce)
      if (last === place) return false
      await take(events)
      await withDeadline(client.set(key, last))
      return full
    },
    listen: (platform, onWake) => hub.listen([`${inboxFamily(platform)}wake`], onWake),
  }
}

const digest = (text: string | Buffer): string => hash("sha256", text, "base64url")

/** A signature that covers the body alone (GitHub's) leaves the id to whoever repeats it: each of the two is remembered. */
const marksOf = ({ id, raw }: Pick<Incoming, "id" | "raw">): string[] => [digest(`id ${id}`), digest(raw)]
