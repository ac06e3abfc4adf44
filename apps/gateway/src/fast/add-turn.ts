import { Fault, lastTurn, type NewEvent, turnOf } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import type { FastifyReply, FastifyRequest } from "fastify"
import { decideFastTurn } from "../decide/fast-turn.ts"
import type { NextTurn } from "../decide/follow-up.ts"
import { changeTask, type Gateway, readTask } from "../gateway.ts"
import { callerOf } from "../http/auth.ts"
import { answerAgain, answerFast } from "./answer.ts"
import { reserveTurn } from "./once.ts"
import { untilTurnEnds } from "./replay.ts"
import type { Decided } from "./run-turn.ts"

/** A fast turn for a live task, before it has its id. */
export type TurnWish = {
  task: string
  turn: string
  next: Omit<NextTurn, "turn" | "by">
  /** Checks it against the repo's rules. */
  check: () => Promise<void>
  onDisconnect: "interrupt" | "continue"
}

/** How long the turn that is interrupted may take to end. */
const endWithinMs = 15_000

/** Answers a request for a fast turn on a live task: with its stream, or with the task when it has ended. */
export const addFastTurn = (
  gateway: Gateway,
  http: { request: FastifyRequest; reply: FastifyReply },
  { task, turn: chosen, next, check, onDisconnect }: TurnWish,
): Promise<undefined> => {
  const { actor: by, team } = callerOf(http.request)
  const ref = { team, task }
  const isMade = async (turn: string) => turnOf(await readTask(gateway, ref), turn) !== undefined
  return reserveTurn(gateway, http.request, { subject: chosen, isMade }, async once => {
    // A turn that streams keeps no answer.
    if (once.state === "answered")
      throw new Fault("idempotency-conflict", "Use a new key for another request.")
    const turn = once.subject
    const at = { ...ref, turn }
    if (once.state === "made") return answerAgain(gateway, http.request, http.reply, { ref: at })
    await check()
    const decide = () => decideOn(gateway, ref, { ...next, turn, by })
    const wish = { ref: at, decide, requestId: http.request.id, onDisconnect }
    return answerFast(gateway, http.request, http.reply, wish)
  })
}

/** The turn's events on the newest state; a turn that runs and is to be interrupted is ended first. */
const decideOn = async (gateway: Gateway, ref: TaskRef, next: NextTurn): Promise<Decided> => {
  for (;;) {
    const state = await readTask(gateway, ref)
    const decision = decideFastTurn(state, next, gateway.store.now())
    if (decision.what === "begin") return { events: decision.events, last: state.lastEventId }
    if (decision.what === "made") throw new Fault("conflict", "The turn is there already.")
    const { turn } = decision
    await changeTask(gateway, ref, (newest, now): NewEvent[] => {
      const again = decideFastTurn(newest, next, now)
      return again.what === "end-first" && again.turn === turn ? again.events : []
    })
    const limit = AbortSignal.timeout(endWithinMs)
    await untilTurnEnds(gateway, { ...ref, turn }, limit)
    if (limit.aborted) throw new Fault("turn-running", "It was told to end and has not yet; try again.")
  }
}

/** The lane of a further turn that names none: its task's. */
export const laneOfNext = (state: Parameters<typeof lastTurn>[0], asked: "fast" | "deep" | undefined) =>
  asked ?? lastTurn(state)?.lane ?? "deep"
