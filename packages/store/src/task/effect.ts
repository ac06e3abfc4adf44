import type { Actor } from "@twolane/protocol"

/** Something done outside (a push, a merge): kept until its result is recorded. `key` makes it one effect however often it is tried. */
export type Effect = {
  op: string
  kind: "accept"
  how: "push" | "merge" | "pull_request"
  by: Actor & { email?: string }
  /** The commit and branch that it is about, so that a later change is not delivered by an earlier yes. */
  head: string
}
export type EffectResult =
  | { ok: true; value: Record<string, unknown> }
  | { ok: false; code: string; detail: string; extra?: Record<string, unknown> }
