import type { TracePlace } from "./context.ts"

/** A span as it is told: whole, when it is over. Times are epoch ms. */
export type PlainSpan = {
  place: TracePlace
  parent: TracePlace | null
  name: string
  kind: "INTERNAL" | "SERVER" | "CLIENT" | "CONSUMER"
  startedAt: number
  endedAt: number
  attributes: Record<string, string | number | boolean | string[]>
  /** What went wrong, in a word. */
  failed?: string
}
