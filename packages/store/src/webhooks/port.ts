import type { Delivery, Page, Task, TaskEvent, Webhook } from "@twolane/protocol"

/** What a message tells, as it is when it is sent; null when its task is gone. */
export type Told = { event: TaskEvent; task: Task } | null

/** Webhooks of all teams, and their messages. */
export type WebhookStore = {
  /** It hears what comes after it was made; false when the team has as many as it may. */
  create(hook: Webhook, secret: string): Promise<boolean>
  get(team: string, id: string): Promise<Webhook | null>
  /** Oldest first. @throws Fault bad-cursor. */
  list(team: string, page: { limit: number; cursor?: string }): Promise<Page<Webhook>>
  /** False when it was not there. */
  remove(team: string, id: string): Promise<boolean>
  /** A new secret; the one before signs along for a day. False when there is no such webhook. */
  rotate(team: string, id: string, secret: string): Promise<boolean>
  /** The secrets that sign now, the newest first. */
  secrets(team: string, id: string): Promise<string[]>
  /** Sends nothing more to it. */
  disable(team: string, id: string, because: string): Promise<void>
  /** Newest first: all that wait and the newest 500 of the others. @throws Fault bad-cursor. */
  deliveries(team: string, id: string, page: { limit: number; cursor?: string }): Promise<Page<Delivery>>
  /** The teams that have webhooks. */
  teams(): Promise<string[]>
  /** All webhooks of a team that send. */
  sending(team: string): Promise<Webhook[]>
  /** Calls when a team's stream has grown. */
  listen(team: string, onGrown: () => void): Promise<() => void>
  /**
   * Reads on in the team's stream, and keeps what a webhook asked for as messages: each event once, whoever reads and whatever crashes.
   * Answers whether there is more to read.
   */
  gather(hook: Webhook): Promise<boolean>
  /** Takes messages that are due; each one that is not settled comes again. */
  take(hook: Webhook, most: number): Promise<Delivery[]>
  /** What a message tells. */
  told(team: string, message: Delivery): Promise<Told>
  /** Sends a message once more, with the id that it has and its tries forgotten; null when there is none. */
  replay(team: string, id: string, message: string): Promise<Delivery | null>
  /** Keeps what came of a try. */
  settle(hook: Webhook, message: Delivery, succeeded: boolean): Promise<void>
}
