import { AsyncLocalStorage } from "node:async_hooks"
import { createHash, randomBytes } from "node:crypto"

/** A place in a trace: https://www.w3.org/TR/trace-context/ . */
export type TracePlace = { traceId: string; spanId: string; sampled: boolean }

const shape = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** Reads a `traceparent`; null for what is none. */
export const readTraceparent = (text: string | undefined): TracePlace | null => {
  const [, traceId, spanId, flags] = shape.exec(text ?? "") ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return null
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** Writes a `traceparent`. */
export const traceparentOf = ({ traceId, spanId, sampled }: TracePlace): string =>
  `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`

/** A new place below another one, or at the start of a trace of its own. */
export const placeBelow = (parent: TracePlace | null): TracePlace => ({
  traceId: parent?.traceId ?? randomBytes(16).toString("hex"),
  spanId: randomBytes(8).toString("hex"),
  sampled: parent?.sampled ?? true,
})

/** An id that everybody derives from the same name: 32 digits of a trace, 16 of a span. */
export const idFrom = (name: string, digits: 16 | 32): string =>
  createHash("sha256").update(name).digest("hex").slice(0, digits)

const current = new AsyncLocalStorage<TracePlace>()

/** Runs something as a part of a trace; what it awaits belongs to it, too. */
export const insideTrace = (place: TracePlace, run: () => void): void => current.run(place, run)

/** What a turn that is queued now takes along, so that its worker's spans join the trace of who asked; nothing outside of one. */
export const traceNow = (): { trace?: string } => {
  const place = current.getStore()
  return place === undefined ? {} : { trace: traceparentOf(place) }
}
