import type {
  ChatChannel,
  ChatChannelPath,
  ChatLink,
  ChatPerson,
  ChatPlatform,
  Page,
  TaskEvent,
} from "@twolane/protocol"
import type { TaskRef } from "../port.ts"

/**
 * A task's conversation on a platform; `thread` is absent until its first message is there. Candidates of one `group` have one thread, which is
 * the first one's.
 */
export type Talk = TaskRef & {
  platform: ChatPlatform
  workspace: string
  channel: string
  thread?: string
  group?: string
}

/** A thread on a platform. */
export type TalkPlace = { platform: ChatPlatform; workspace: string; channel: string; thread: string }

/**
 * One message of ours on a platform, seen once however often it is tried: `id` (its platform, a slash, and more) is its effect. What it says is made when it is sent; a message
 * of a task is edited when that changes.
 */
export type ChatRow = {
  id: string
  platform: ChatPlatform
  /** A thread, the conversation of its task, or somebody alone. */
  to: { kind: "thread"; channel: string; thread?: string } | { kind: "talk" } | { kind: "aside"; to: string }
  /** The task that it is about. */
  about?: TaskRef
  /** A text in the platform's markup; where the task stands; all candidates beside each other; how a turn ended; a question. */
  say:
    | { kind: "text"; text: string }
    | { kind: "status" }
    | { kind: "group" }
    | { kind: "end"; turn: string }
    | { kind: "gate"; gate: string }
  createdAt: number
  /** Its name on the platform. */
  sentAs?: string
  /** A digest of what it says there. */
  shown?: string
  /** Failed tries since it last succeeded. */
  failures: number
  /** How often it was posted without knowing whether it arrived. */
  posts: number
  error?: string
}

/** A message that was taken to be sent. `triedAt`: an earlier try may have posted it. */
export type TakenRow = { row: ChatRow; triedAt: number | null; fence: number }

/** What came of a try: when it is due again (null: at the next change), how long it rests before that, and whether it may have been posted. */
export type RowSettled = { dueAt: number | null; restMs: number; unsure: boolean }

/** What an event means for a conversation: a fact to keep (`newest`: also where it is there and this comes from no event), a message to make (once), a message that may say something else now. */
export type ChatChange =
  | { do: "fact"; about: TaskRef; field: string; json: string; newest?: true }
  | { do: "make"; row: ChatRow }
  | { do: "touch"; id: string }

/** What events mean; all of them are of tasks that have a conversation. */
export type ChatChangesOf = (team: string, talk: Talk, event: TaskEvent) => Promise<ChatChange[]>

/** Who is who on chat platforms, and which channel is about which repo. */
export type PeopleStore = {
  /** Who somebody is here; a later one takes the place of an earlier one. */
  link(link: ChatLink): Promise<void>
  linkOf(person: ChatPerson): Promise<ChatLink | null>
  /** A team's, oldest first. @throws Fault bad-cursor */
  links(team: string, page: { limit: number; cursor?: string }): Promise<Page<ChatLink>>
  /** False when the team has no such link. */
  unlink(team: string, person: ChatPerson): Promise<boolean>
  /** Keeps the digest of a code. */
  createCode(digest: string, of: { team: string; key: string }, lifeMs: number): Promise<void>
  /** Uses a code up; null when it was used, has expired, or never was. */
  takeCode(digest: string): Promise<{ team: string; key: string } | null>

  setChannel(team: string, channel: ChatChannel): Promise<void>
  channel(team: string, path: ChatChannelPath): Promise<ChatChannel | null>
  /** Oldest first. @throws Fault bad-cursor */
  channels(team: string, page: { limit: number; cursor?: string }): Promise<Page<ChatChannel>>
  /** False when the channel had no repo. */
  clearChannel(team: string, path: ChatChannelPath): Promise<boolean>
}

/** Which thread is which task, and the messages that go there. */
export type TalkStore = {
  /** Keeps a task's conversation, unless it has one; its events are heard from then on. Answers the one that it has. */
  begin(talk: Talk): Promise<Talk>
  talk(ref: TaskRef): Promise<Talk | null>
  /** The task of a thread. */
  taskIn(place: TalkPlace): Promise<TaskRef | null>
  /** What is said in that thread is about the conversation's task, also before it is known to be open. */
  expectThread(talk: Talk, thread: string): Promise<void>
  /** The thread of a conversation that began without one. */
  setThread(talk: Talk, thread: string): Promise<void>
  /** The facts that its events brought, by field. */
  facts(ref: TaskRef): Promise<Record<string, string>>

  /** Makes changes that come from no event. A fact that is there stays as it is. */
  change(changes: readonly ChatChange[]): Promise<void>
  /** The teams that have conversations. */
  teams(): Promise<string[]>
  /** Reads on in a team's stream, each event once whoever reads and whatever crashes. Answers whether there is more. */
  gather(team: string, changesOf: ChatChangesOf): Promise<boolean>
  /** Takes messages that are due; each one that is not settled comes again. */
  take(platform: ChatPlatform, most: number): Promise<TakenRow[]>
  /** Keeps what came of a try; false when somebody else has the message. */
  settle(taken: TakenRow, settled: RowSettled): Promise<boolean>
  /** True once in so many ms for each name, whichever process asks: for what shall not be said too often. */
  pace(name: string, gapMs: number): Promise<boolean>
  /** Calls when a message may be due. */
  listen(onDue: () => void): Promise<() => void>
}

/** All that is kept of chats. */
export type ChatStore = PeopleStore & TalkStore
