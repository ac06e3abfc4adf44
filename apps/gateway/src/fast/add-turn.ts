import { Fault, lastTurn, type NewEvent, type TaskState, turnOf } from "@twolane/protocol"
import type { Doors, TaskRef } from "@twolane/store"
import type { FastifyReply, FastifyRequest } from "fastify"
import { decideFastTurn } from "../decide/fast-turn.ts"
import type { NextTurn } from "../decide/follow-up.ts"
import { changeTask, type Gateway, readTask } from "../gateway.ts"
import { callerOf } from "../http/auth.ts"
import { send } from "../http/idempotency.ts"
import { answerAgain, answerFast } from "./answer.ts"
import { actOnce } from "./once.ts"
import { type TurnRef, untilTurnEnds } from "./replay.ts"
import type { Decided } from "./run-turn.ts"

/** A fast turn for a live task, as it was read, before it has its id. */
export type TurnWish = {
  task: TaskState
  turn: string
  next: Omit<NextTurn, "turn" | "by">
  /** Checks it against the repo's rules. */
  check: () => Promise<void>
  /** The doors that it may go to, as they are being read. */
  doors: Promise<Doors>
  onDisconnect: "interrupt" | "continue"
}

/** How long the turn that is interrupted may take to end. */
const endWithinMs = 15_000

/** Answers a request for a fast turn on a live task: with its stream, or with the task when it has ended. */
export const addFastTurn = (
  gateway: Gateway,
  http: { request: FastifyRequest; reply: FastifyReply },
  { task, turn: chosen, next, check, doors, onDisconnect }: TurnWish,
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
      // It was read a moment ago; a worker refuses what was decided on an older task, and then it is read again.
      let read: TaskState | null = task
      const decide = () => {
        const state = read
        read = null
        const wish = { ...next, turn, by }
        if (state !== null) return decideOn(gateway, ref, state, wish)
        return readTask(gateway, ref).then(newest => decideOn(gateway, ref, newest, wish))
      }
      const requestId = http.request.id
      return answerFast(gateway, http, { ref: at, repo, decide, doors: found, requestId, onDisconnect })
    },
    answer => send(http.reply, answer),
  )
}

/**
 * The turn's events on a task as it was read, null when it is there already; at once, so that nothing else comes before its worker is
 * told, but where a turn that runs is to be interrupted: that one is ended first.
 */
const decideOn = (
  gateway: Gateway,
  ref: TaskRef,
  state: TaskState,
  next: NextTurn,
): Decided | null | Promise<Decided | null> => {
  const decision = decideFastTurn(state, next, gateway.store.now())
  if (decision.what === "begin") return { events: decision.events, state }
  if (decision.what === "made") return null
  return endFirst(gateway, { ...ref, turn: decision.turn }, next)
}

const endFirst = async (
  gateway: Gateway,
  { turn, ...ref }: TurnRef,
  next: NextTurn,
): Promise<Decided | null> => {
  await changeTask(gateway, ref, (newest, now): NewEvent[] => {
    const again = decideFastTurn(newest, next, now)
    return again.what === "end-first" && again.turn === turn ? again.events : []
  })
  const limit = AbortSignal.timeout(endWithinMs)
  await untilTurnEnds(gateway, { ...ref, turn }, limit)
  if (limit.aborted) throw new Fault("turn-running", "It was told to end and has not yet; try again.")
  return decideOn(gateway, ref, await readTask(gateway, ref), next)
}

/** The lane of a further turn that names none: its task's. */
export const laneOfNext = (state: Parameters<typeof lastTurn>[0], asked: "fast" | "deep" | undefined) =>
  asked ?? lastTurn(state)?.lane ?? "deep"
