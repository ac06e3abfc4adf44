import { Fault, isFault, type Lane, lastTurn, type NewEvent, type TaskState, turnOf } from "@twolane/protocol"
import type { Doors, TaskRef } from "@twolane/store"
import type { FastifyReply, FastifyRequest } from "fastify"
import { decideFastTurn } from "../decide/fast-turn.ts"
import type { NextTurn } from "../decide/follow-up.ts"
import { changeTask, type Gateway, readTask } from "../gateway.ts"
import { callerOf } from "../http/auth.ts"
import { send } from "../http/idempotency.ts"
import { answerAgain, answerFast } from "./answer.ts"
import type { KnockAhead } from "./knock.ts"
import { actOnce } from "./once.ts"
import { type TurnRef, untilTurnEnds } from "./replay.ts"
import { type Decided, mustBeTakeable } from "./run-turn.ts"

/** A fast turn for a live task, as it was known a moment ago, before it has its id. */
export type TurnWish = {
  task: TaskState
  /** Whether it may have gone on since. */
  old: boolean
  turn: string
  next: Omit<NextTurn, "turn" | "by">
  /** Checks it against the repo's rules. */
  check: () => Promise<void>
  /** The doors that it may go to, as they are being read. */
  doors: Promise<Doors>
  /** The head of the knock, if it is on its way. */
  ahead: KnockAhead | null
  onDisconnect: "interrupt" | "continue"
}

/** How long the turn that is interrupted may take to end. */
const endWithinMs = 15_000

/** Answers a request for a fast turn on a live task: with its stream, or with the task when it has ended. */
export const addFastTurn = (
  gateway: Gateway,
  http: { request: FastifyRequest; reply: FastifyReply },
  { task, old, turn: chosen, next, check, doors, ahead, onDisconnect }: TurnWish,
): Promise<undefined> => {
  const { actor: by, team } = callerOf(http.request)
  const { repo } = task
  const ref = { team, task: task.id }
  return actOnce(
    gateway,
    http,
    chosen,
    async once => {
      const turn = once.subject
      const at = { ...ref, turn }
      const made = turn !== chosen && turnOf(await readTask(gateway, ref), turn) !== undefined
      if (made) return answerAgain(gateway, http, { ref: at })
      await check()
      // Read again, and told of, where it is needed.
      const found = await doors.catch(() => null)
      const wish = { ...next, turn, by }
      // It may be old: a worker refuses what was decided on an older task. Then, or where it forbids the turn, it is read again.
      let known: TaskState | null = task
      const decide = () => {
        const state = known
        known = null
        const decided = state && tryOn(state, wish, gateway.store.now())
        if (decided === null) return decideOnNewest(gateway, ref, wish)
        return old ? { ...decided, old } : decided
      }
      const requestId = http.request.id
      return answerFast(gateway, http, {
        ref: at,
        repo,
        decide,
        doors: found,
        ahead,
        requestId,
        onDisconnect,
      })
    },
    answer => send(http.reply, answer),
  )
}

/** The turn's events on a task as it is known, at once, so that nothing comes before its worker is told; null where nothing can begin on it. */
const tryOn = (state: TaskState, next: NextTurn, now: number): Decided | null => {
  try {
    const decision = decideFastTurn(state, next, now)
    return decision.what === "begin" ? { events: decision.events, state } : null
  } catch (error) {
    if (isFault(error)) return null
    throw error
  }
}

/** The turn's events on the task as it is, null when it is there already. A turn that runs and is to be interrupted is ended first. */
const decideOnNewest = async (gateway: Gateway, ref: TaskRef, next: NextTurn): Promise<Decided | null> => {
  const state = await readTask(gateway, ref)
  const decision = decideFastTurn(state, next, gateway.store.now())
  if (decision.what === "begin") return { events: decision.events, state }
  if (decision.what === "made") return null
  await mustBeTakeable(gateway, ref, state)
  await endFirst(gateway, { ...ref, turn: decision.turn }, next)
  return decideOnNewest(gateway, ref, next)
}

const endFirst = async (gateway: Gateway, { turn, ...ref }: TurnRef, next: NextTurn): Promise<void> => {
  await changeTask(gateway, ref, (newest, now): NewEvent[] => {
    const again = decideFastTurn(newest, next, now)
    return again.what === "end-first" && again.turn === turn ? again.events : []
  })
  const limit = AbortSignal.timeout(endWithinMs)
  await untilTurnEnds(gateway, { ...ref, turn }, limit)
  if (limit.aborted) throw new Fault("turn-running", "It was told to end and has not yet; try again.")
}

/** The lane of a further turn that names none: its task's. */
export const laneOfNext = (state: TaskState, asked: Lane | undefined): Lane =>
  asked ?? lastTurn(state)?.lane ?? "deep"
