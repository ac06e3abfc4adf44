import type { Aside, Incoming, Markup, Posted, Poster } from "@twolane/chat"
import type { ChatPlatform } from "@twolane/protocol"

/** What a platform is to the rest of this folder. */
export type Surface = {
  platform: ChatPlatform
  markup: Markup
  poster: Poster
  /** Live text of all tasks of a workspace together is shown at most once in so many ms, so that what must be said finds room. */
  wordsEveryMs: number
  /** What stands before an order, as people type it. */
  order: string
  /** Makes a thread at a message; absent where a message is one by itself. */
  openThread?(at: { channel: string; message: string; name: string }, signal: AbortSignal): Promise<Posted>
  /** Opens a form for a note while its trigger is good; false when it could not. */
  openForm(
    trigger: string,
    about: { task: string; turn: string; channel: string; thread: string },
    signal: AbortSignal,
  ): Promise<boolean>
}

/** Something that came in, and the delivery that brought it, from which the names of all that it causes follow. */
export type Arrived<Kind extends Incoming["kind"] = Incoming["kind"]> = {
  surface: Surface
  delivery: string
  /** When it came in (epoch ms), whenever it is worked: times in it are seen from then. */
  receivedAt: number
  incoming: Extract<Incoming, { kind: Kind }>
}

/** An answer to one person alone where the platform has a way for it, else in the thread. */
export type AnswerTo = { aside?: Aside; channel: string; thread?: string }
