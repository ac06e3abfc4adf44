import { type EventOf, onTurn } from "./fold-turn.ts"
import type { OpenCall, TaskState } from "./state.ts"
import type { FileChange } from "./terms.ts"

/** A new tree: what was known of the one before it, its tests and its commit, is not known of this one. */
export const saved = (state: TaskState, event: EventOf<"patch.applied" | "checkpoint.saved">): TaskState => {
  onTurn(state, event, turn => {
    turn.lostInRow = 0
  })
  // The first one may come before any workspace: the change that a task began with. It stands on the base as it was at submit.
  const base = state.base ?? state.baseAtSubmit
  const { tests: _ofAnotherTree, work: _before, ...rest } = state
  const checkpoint = { sha: event.checkpoint, portable: event.portable ?? true }
  const touched = withPaths(state.touched ?? [], event.files)
  return {
    ...rest,
    base,
    checkpoint,
    touched,
    // No worker had it yet: its caller's own.
    ...(state.attempt === 0 ? { brought: event.checkpoint } : {}),
    ...(event.whole === undefined ? {} : { work: event.whole }),
  }
}

/** More paths of one task are not kept: whoever asks what overlaps has an answer long before. */
const maxTouched = 500

const withPaths = (known: string[], files: readonly FileChange[]): string[] => {
  const added = files.map(({ path }) => path).filter(path => !known.includes(path))
  return added.length === 0 ? known : [...known, ...added].slice(0, maxTouched)
}

/** The tree of an earlier checkpoint, or of the base, is the newest again. */
export const undone = (state: TaskState, event: EventOf<"checkpoint.undone">): TaskState => {
  onTurn(state, event, turn => {
    turn.undone = true
  })
  const { tests: _ofAnotherTree, work: _before, brought, ...rest } = state
  const { checkpoint: sha, portable, head, whole } = event
  return {
    ...rest,
    ...(brought === undefined || sha === null ? {} : { brought }),
    head,
    checkpoint: sha === null ? null : { sha, portable },
    ...(sha === null || sha === head ? {} : { work: whole }),
    change: whole,
    review: whole.files === 0 ? "none" : "open",
  }
}

/** What the tests said of the newest tree; nothing when they were stopped before they could. */
export const tested = (state: TaskState, event: EventOf<"tests.ended">): TaskState => {
  if (event.superseded === true) return state
  onTurn(state, event, turn => {
    if (event.status === "failed" || event.status === "timed_out" || event.status === "error")
      turn.cycles += 1
  })
  const { status, failedAtBase } = event
  return { ...state, tests: { status, ...(failedAtBase === undefined ? {} : { failedAtBase }) } }
}

/** The commit takes the checkpoint's place: it has the same tree, and is what a next turn goes on from. */
export const ready = (state: TaskState, event: EventOf<"change.ready">): TaskState => {
  const { head, files, added, removed, portable } = event
  const { work: _committed, ...rest } = state
  const accepted = state.review === "accepted" && head === state.head
  const checkpoint = head === event.base ? state.checkpoint : { sha: head, portable: portable ?? true }
  const turn = state.turns.find(({ id }) => id === event.turn)
  const sent = (turn?.options.publish ?? "none") === "none" ? undefined : withHead(state.sent, head)
  return {
    ...rest,
    ...(sent && { sent }),
    head,
    checkpoint,
    change: { files, added, removed },
    review: files === 0 ? "none" : accepted ? "accepted" : "open",
  }
}

const withHead = (heads: readonly string[] = [], head: string): string[] => [
  ...heads.filter(each => each !== head),
  head,
]

/** A push that is known leaves no doubt where the branch is. */
export const withPush = ({ sent: _sent, ...state }: TaskState, pushed: string): TaskState => ({
  ...state,
  pushed,
})

/** Work that no commit holds is there to be accepted or discarded all the same, whatever ended the turn. */
export const leftBehind = ({ work, review }: TaskState): Partial<TaskState> => {
  if (work === undefined || review === "discarded") return {}
  return { change: work, review: work.files === 0 ? "none" : "open" }
}

const callsOf = (state: TaskState): OpenCall[] => state.calls ?? []

const withCalls = ({ calls: _calls, ...state }: TaskState, calls: OpenCall[]): TaskState =>
  calls.length === 0 ? state : { ...state, calls }

/** A call begins; one that waited at a gate begins again under its name. */
export const callStarted = (state: TaskState, { call, tool, turn, at }: EventOf<"tool.started">): TaskState =>
  withCalls(state, [
    ...callsOf(state).filter(open => open.call !== call),
    { call, tool, turn: turn ?? "", at },
  ])

/** A call has ended. */
export const callEnded = (state: TaskState, { call }: EventOf<"tool.ended">): TaskState =>
  withCalls(
    state,
    callsOf(state).filter(open => open.call !== call),
  )
