import { orAborted } from "@twolane/common/lifetime"
import type { DeltaBody, FailureCode, FileChange, TranscriptEntry } from "@twolane/protocol"
import type { Journal } from "../journal.ts"
import type { LoopWorkspace, TurnPorts } from "../loop/turn.ts"
import type { FastPlan, FastPorts } from "./ports.ts"

/** The workspace could not be made: the loop ends with it. */
export class NoWorkspace extends Error {
  readonly code: FailureCode
  readonly detail: string
  constructor(code: FailureCode, detail: string) {
    super(detail)
    this.code = code
    this.detail = detail
  }
}

/** A workspace that is on its way, as one that is there: each call waits for it. */
export const lateWorkspace = (
  coming: FastPorts["workspace"],
): { workspace: LoopWorkspace; checkpoint: TurnPorts["checkpoint"] } => {
  const ready = async () => {
    const made = await coming
    if (!made.ok) throw new NoWorkspace(made.code, made.detail)
    return made
  }
  return {
    workspace: {
      read: async (...asked) => (await ready()).workspace.read(...asked),
      list: async (...asked) => (await ready()).workspace.list(...asked),
      search: async (...asked) => (await ready()).workspace.search(...asked),
      applyPatch: async (...asked) => (await ready()).workspace.applyPatch(...asked),
      run: async (...asked) => (await ready()).workspace.run(...asked),
      checkpoint: async (...asked) => (await ready()).workspace.checkpoint(...asked),
      kill: async () => (await ready()).workspace.kill(),
      // Without a workspace there are no tests to expect; whoever needs it hears why.
      expectTests: () =>
        void coming.then(
          made => made.ok && made.workspace.expectTests(),
          () => undefined,
        ),
      test: async (...asked) => (await ready()).workspace.test(...asked),
    },
    checkpoint: async signal => (await ready()).checkpoint(signal),
  }
}

/** A journal whose attempt is still being claimed. `onSaved` hears of every change of the tree that is written. */
export const lateJournal = (
  plan: Pick<FastPlan, "turn" | "state" | "transcript">,
  ports: Pick<FastPorts, "journal" | "delta" | "now">,
  onSaved: (files: readonly FileChange[]) => void,
): Journal => {
  let claimed: Journal | null = null
  let held: DeltaBody[] = []
  // One after another, so that events are stored in the order in which they were written.
  let last: Promise<unknown> = ports.journal.then(
    journal => {
      claimed = journal
      for (const delta of held) ports.delta(delta)
      held = []
    },
    () => undefined, // whoever writes next learns it from the promise itself
  )
  return {
    turn: plan.turn,
    /** A claim raises the number by one. */
    get attempt() {
      return claimed?.attempt ?? plan.state.attempt + 1
    },
    state: () => claimed?.state() ?? plan.state,
    write: (events, more) => {
      const writing = last.then(async () => {
        const journal = await ports.journal
        return journal.write(events, stampEntries(more, journal.attempt))
      })
      last = writing.catch(() => undefined)
      for (const event of events)
        if (event.type === "patch.applied" || event.type === "checkpoint.saved") onSaved(event.files)
      return writing
    },
    transcript: async () => [...plan.transcript],
    delta: delta => {
      // Plain text may go out before the claim is written, a patch may not; and nothing overtakes anything.
      if (claimed === null && (held.length > 0 || delta.type === "tool.delta")) held.push(delta)
      else ports.delta(delta)
    },
    // The claim itself is a change: what was said before it is looked at then.
    changed: signal => claimed?.changed(signal) ?? orAborted(ports.journal, signal).then(() => undefined),
    now: ports.now,
  }
}

const stampEntries = (
  more: { transcript?: readonly TranscriptEntry[] } | undefined,
  attempt: number,
): { transcript?: readonly TranscriptEntry[] } =>
  more?.transcript === undefined ? {} : { transcript: more.transcript.map(entry => ({ ...entry, attempt })) }
