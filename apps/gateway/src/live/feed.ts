import type { IncomingMessage } from "node:http"
import { derive } from "@twolane/common"
import {
  compareEventIds,
  type EventId,
  isNextEvent,
  type Problem,
  type TaskDelta,
  type TaskEvent,
} from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import { cutFrames, type Frame } from "../fast/frames.ts"
import { type Gateway, readTask } from "../gateway.ts"
import { endOfLog, followTurns } from "../log/follow-turns.ts"
import type { Wire } from "./wire.ts"

/** The events of one task on one socket, each once and in order: from a turn's stream while one runs here, from the log otherwise. */
export type Feed = {
  /** Goes on until no turn of the task is open any more. */
  begin(): void
  /** Goes on until it is stopped; from an event before those that were sent it sends again. */
  keep(after: EventId): void
  /** Sends a turn's stream; resolves at its end with the problem that it ended with. */
  pipe(stream: TurnStream): Promise<Problem | null>
  /** Resolves when an event went out, or the feed ended. */
  reached(event: EventId): Promise<void>
  /** Sends no more; a turn's stream is read on all the same. */
  stop(): void
}

type TurnStream = { stream: IncomingMessage; goOn: boolean }
type Piped = TurnStream & { done: (problem: Problem | null) => void }

/** What a feed works with; `onEnd` hears when it ended, and what broke it. */
export type FeedParts = { gateway: Gateway; wire: Wire; onEnd: (error: unknown) => void }

/** Makes a feed of a task's events after one of them. */
export const openFeed = ({ gateway, wire, onEnd }: FeedParts, ref: TaskRef, since: EventId): Feed => {
  const life = derive(wire.signal)
  const turns: Piped[] = []
  const waiting: { event: EventId; resolve: () => void }[] = []
  let last = since
  let kept = false
  let state: "idle" | "running" | "ended" = "idle"
  let log = derive(life.signal)

  const sendEvent = async (id: EventId, json: Buffer | string) => {
    if (compareEventIds(id, last) <= 0 || life.signal.aborted) return
    last = id
    await wire.send(inMessage(json))
    for (const { event, resolve } of waiting) if (compareEventIds(event, id) <= 0) resolve()
  }
  const sendDelta = (json: Buffer | string) => {
    if (!wire.behind() && !life.signal.aborted) void wire.send(inMessage(json))
  }
  const sendEither = async (event: TaskEvent | TaskDelta) => {
    if ("id" in event) await sendEvent(event.id, JSON.stringify(event))
    else sendDelta(JSON.stringify(event))
  }
  /** What others wrote before an event of a turn's stream. */
  const fillBefore = async (id: EventId) => {
    while (!life.signal.aborted) {
      const page = await gateway.store.events(ref, last, pageSize)
      for (const event of page) {
        if (compareEventIds(event.id, id) >= 0) return
        await sendEither(event)
      }
      if (page.length < pageSize) return
    }
  }
  const sendFrame = async ({ id, data }: Frame) => {
    if (life.signal.aborted) return
    if (id === null) return sendDelta(data)
    if (!isNextEvent(last, id) && compareEventIds(id, last) > 0) await fillBefore(id)
    await sendEvent(id, data)
  }
  const pipeTurn = async ({ stream, goOn }: TurnStream): Promise<Problem | null> => {
    const cut = cutFrames()
    let problem: Problem | null = null
    // A reader that was too slow comes back; one that left has left the turn.
    const leave = () => {
      if (!goOn && isGone(wire.signal)) stream.destroy()
    }
    wire.signal.addEventListener("abort", leave, { once: true })
    leave()
    let readable = true
    try {
      for await (const chunk of stream)
        for (const frame of cut(chunk)) {
          if (frame.event === "problem") problem = JSON.parse(frame.data.toString()) as Problem
          // Where the log cannot be read now, it is afterwards.
          else if (readable)
            readable = await sendFrame(frame).then(
              () => true,
              () => false,
            )
        }
    } catch {
      // The stream broke off: the log has the rest.
    } finally {
      wire.signal.removeEventListener("abort", leave)
    }
    return problem
  }
  /** Answers whether there may be more to send. */
  const followLog = async (): Promise<boolean> => {
    using followed = derive(life.signal)
    log = followed
    const { signal } = followed
    const events = kept
      ? gateway.store.follow(ref, last, signal)
      : followTurns(gateway, ref, { after: last, end: endOfLog(await readTask(gateway, ref)) }, signal)
    if (turns.length > 0) return true
    for await (const event of events) {
      if (signal.aborted) break
      await sendEither(event)
    }
    return signal.aborted || turns.length > 0
  }
  const run = async () => {
    let broke: unknown
    try {
      while (!life.signal.aborted || turns.length > 0) {
        const turn = turns.shift()
        if (turn !== undefined) turn.done(await pipeTurn(turn))
        else if (!(await followLog())) break
      }
    } catch (error) {
      broke = error
    }
    state = "ended"
    life[Symbol.dispose]()
    for (const { resolve } of waiting) resolve()
    onEnd(broke)
  }
  const wake = () => {
    log.abort({ by: "superseded" })
    if (state !== "idle") return
    state = "running"
    void run()
  }
  return {
    begin: wake,
    keep: after => {
      kept = true
      if (compareEventIds(after, last) < 0) last = after
      wake()
    },
    pipe: turn =>
      new Promise(done => {
        turns.push({ ...turn, done })
        wake()
      }),
    reached: event =>
      new Promise(resolve => {
        if (state === "ended" || compareEventIds(event, last) <= 0) resolve()
        else waiting.push({ event, resolve })
      }),
    stop: () => life.abort({ by: "user" }),
  }
}

const pageSize = 500

const isGone = (signal: AbortSignal): boolean =>
  signal.aborted && (signal.reason as { by?: unknown } | null)?.by === "disconnect"

const head = Buffer.from('{"event":')
const tail = Buffer.from("}")

/** An event as a message: its JSON is not looked at. */
const inMessage = (json: Buffer | string): Buffer | string =>
  typeof json === "string" ? `{"event":${json}}` : Buffer.concat([head, json, tail])
