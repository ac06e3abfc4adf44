import type { Click } from "./card/card.ts"

export type Platform = "slack" | "discord"

/** Somebody on a platform: known by ids alone, never by a name. */
export type Person = { platform: Platform; workspace: string; user: string }

/** Where a message stands; `thread` is absent for a channel itself. */
export type Place = { platform: Platform; workspace: string; channel: string; thread?: string }

/** A way to answer one person alone, for some minutes: Slack's response URL, or Discord's interaction token. */
export type Aside = { platform: Platform; to: string }

/** What came in from a platform, in words of ours. */
export type Incoming =
  /** An order: by a mention, whose message `place.thread` is, or by a slash command, which has no message. */
  | { kind: "order"; by: Person; place: Place; text: string; aside?: Aside }
  /** A message in a thread. */
  | {
      kind: "reply"
      by: Person
      place: Place & { thread: string }
      text: string
      mentioned: boolean
      aside?: Aside
    }
  /** `trigger` opens a form for a few seconds. */
  | { kind: "click"; by: Person; place: Place; click: Click; aside?: Aside; trigger?: string }
  /** A form that was filled in. */
  | { kind: "note"; by: Person; place: Place; task: string; turn: string; text: string; aside?: Aside }
  /** Nothing for us. */
  | { kind: "none" }
