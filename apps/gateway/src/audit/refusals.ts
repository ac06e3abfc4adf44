import type { Logger } from "@twolane/common"
import type { Actor, FaultCode } from "@twolane/protocol"
import type { NewAuditRecord, Store } from "@twolane/store"
import type { FastifyRequest } from "fastify"
import { defaultTeam } from "../http/auth.ts"
import { isRecorded } from "./recorded.ts"
import { fromOf, routeOf } from "./request.ts"

/** Attempts that were refused before there was an act to record: without a key, a right, a valid link, or such an object. */
export type Refusals = AsyncDisposable & {
  /** Takes a refused request into account; other faults are none. */
  note(request: FastifyRequest, code: FaultCode): void
}

/** The first attempt of its kind is recorded at once; those after it are counted, and told after a minute, then after twice as long each time. */
const firstWindowMs = 60_000
const longestWindowMs = 3_600_000
const maxAddresses = 10
/** More kinds at once are not kept apart: they count for nothing until one of these has been quiet. */
const maxKinds = 10_000

const refusing: ReadonlySet<FaultCode> = new Set([
  "unauthorized",
  "forbidden",
  "foreign-origin",
  "unknown-host",
  "link-not-valid",
  "not-found",
])

/** Who sends no key, or none that is valid, is nobody that we know. */
const unknown: Actor = { key: "none", name: "unknown" }

const action = "access.refuse"

type Kind = {
  team: string
  by: Actor
  code: FaultCode
  times: number
  addresses: Set<string>
  /** When counting these began. */
  since: number
  windowMs: number
  timer: NodeJS.Timeout
}

/**
 * Records refused attempts, in the team of whoever made them, or, where nobody knows who that was, in the operator's. However many come,
 * one kind (by whom, and why refused) costs two records in a minute and one an hour in the long run: a flood pushes nothing out of the log.
 */
export const keepRefusals = (append: Store["audit"]["append"], log: Logger): Refusals => {
  const kinds = new Map<string, Kind>()
  const writing = new Set<Promise<void>>()

  const write = (team: string, record: NewAuditRecord) => {
    const written = append(team, [record])
      .then(() => undefined)
      .catch((error: unknown) => log.error({ error }, "refused attempts were not recorded"))
      .finally(() => writing.delete(written))
    writing.add(written)
  }
  const tell = ({ team, by, code, times, addresses, since }: Kind) => {
    const detail = { refused: code, times, addresses: [...addresses], since, until: Date.now() }
    write(team, { action, by, from: { via: "system" }, object: { kind: "route", id: "any" }, detail })
  }
  const close = (name: string, kind: Kind) => {
    if (kind.times === 0) return kinds.delete(name)
    tell(kind)
    kind.times = 0
    kind.addresses.clear()
    kind.since = Date.now()
    kind.windowMs = Math.min(kind.windowMs * 2, longestWindowMs)
    kind.timer = closeLater(name, kind.windowMs)
  }
  const closeLater = (name: string, afterMs: number): NodeJS.Timeout =>
    setTimeout(() => {
      const kind = kinds.get(name)
      if (kind !== undefined) close(name, kind)
    }, afterMs).unref()

  return {
    note: (request, code) => {
      if (!isAttempt(request, code)) return
      const { team, actor } = request.caller ?? { team: defaultTeam, actor: unknown }
      const name = `${team} ${actor.key} ${code}`
      const known = kinds.get(name)
      if (known !== undefined) {
        known.times += 1
        if (known.addresses.size < maxAddresses) known.addresses.add(request.ip)
        return
      }
      if (kinds.size >= maxKinds) return
      kinds.set(name, {
        team,
        by: actor,
        code,
        times: 0,
        addresses: new Set(),
        since: Date.now(),
        windowMs: firstWindowMs,
        timer: closeLater(name, firstWindowMs),
      })
      write(team, recordOf(request, actor, code))
    },
    [Symbol.asyncDispose]: async () => {
      for (const kind of kinds.values()) {
        clearTimeout(kind.timer)
        if (kind.times > 0) tell(kind)
      }
      kinds.clear()
      await Promise.all(writing)
    },
  }
}

/** A person who is known, and asks for what is not there, may be looking for what is another team's. */
const isAttempt = (request: FastifyRequest, code: FaultCode): boolean =>
  refusing.has(code) && !isRecorded(request) && (code !== "not-found" || request.caller !== null)

const recordOf = (request: FastifyRequest, by: Actor, code: FaultCode): NewAuditRecord => ({
  action,
  by,
  from: fromOf(request, request.caller),
  object: { kind: "route", id: routeOf(request) },
  detail: { refused: code, ...(request.caller === null ? {} : (request.params as Record<string, unknown>)) },
  request: request.id,
})
