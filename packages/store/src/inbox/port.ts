import type { TaskEvent } from "@twolane/protocol"

/** A delivery of a platform, as it came in. */
export type Incoming = {
  /** The platform's own id of it, or what makes it one (for Slack its time and signature). */
  id: string
  /** The deliveries of one conversation are worked one at a time, in the order in which they came. */
  conversation: string
  headers: Readonly<Record<string, string>>
  raw: Buffer
}

/** A delivery that was taken to be worked. It comes again, here or in another process, unless it is settled. */
export type Received = Incoming & {
  platform: string
  /** When it was kept, epoch ms. */
  receivedAt: number
  /** How often working it has failed. */
  failures: number
  /** Which time it was taken: older takers can settle nothing. */
  fence: number
}

/** What became of a delivery: `retry` is due again at `dueAt`; `failed` may be sent once more by its platform. */
export type Settled =
  | { what: "done" }
  | { what: "failed" }
  | { what: "retry"; dueAt: number; failures: number }

/** Deliveries of platforms (Slack, Discord, GitHub), kept until they are worked. */
export type InboxStore = {
  /**
   * Keeps a delivery; once this resolves it is not lost any more. `seen`: its id or its body came before, in the last eight days.
   * `full`: 10,000 wait.
   */
  put(platform: string, incoming: Incoming): Promise<"kept" | "seen" | "full">
  /** Takes deliveries that are due, at most one of each conversation, and keeps them from others for so long. */
  take(platform: string, wanted: { most: number; hideMs: number }): Promise<Received[]>
  /** Keeps a delivery that is still being worked from others; false when somebody else has it. */
  hold(received: Received, hideMs: number): Promise<boolean>
  /** Says what became of a delivery; false when somebody else has it. */
  settle(received: Received, settled: Settled): Promise<boolean>
  /**
   * Reads on in a team's stream from where `reader` was, which moves on once `take` has resolved: what it takes may come again. Answers
   * whether there is more.
   */
  readOn(
    reader: string,
    team: string,
    take: (events: readonly TaskEvent[]) => Promise<void>,
  ): Promise<boolean>
  /** Calls when there is something to take. */
  listen(platform: string, onWake: () => void): Promise<() => void>
}
