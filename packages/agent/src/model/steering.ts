import type { TranscriptItem } from "@twolane/protocol"
import { fieldsOf } from "./fields.ts"
import type { WireEvent } from "./reply.ts"

/** A person's message for the answer that is being given; `key` is the caller's own name for it. */
export type Note = { key: string; item: TranscriptItem }

/**
 * Steering of one answer (`response.steer`). Accepted is not applied: the service holds a note until the answer's successor begins, or
 * until the results that the answer's calls are owed are sent. One whose fate is unknown, or that came back, makes the line unsound.
 */
export type Steering = {
  /** Hands a note in; true once the service holds it. Never rejects, and is answered in bounded time. */
  offer(note: Note): Promise<boolean>
  /** The answer has begun: what waited for its id goes out. */
  begin(response: string): void
  /** Takes an event when it is about steering; anything else is the answer's own. */
  take(event: WireEvent): boolean
  /** The answer is over: no more notes. Calls back once every note that was sent is answered. */
  end(whenSure: () => void): void
  /** The line broke, or was closed: nothing is answered any more. */
  lose(): void
  /** What the service holds, in the order in which it was taken. */
  held(): readonly Note[]
  /** Whether all that is known of the notes is certain. */
  isSound(): boolean
}

type Offer = { note: Note; state: "waiting" | "sent" | "held" | "gone"; id: string | null; answer: Answer }
type Answer = (isHeld: boolean) => void

/** How an answer's line is steered: what sends, how long an answer to a note may take, who hears that steering is not spoken. */
export type SteeringLine = { send: (text: string) => void; answerMs: number; onUnsupported: () => unknown }

/** Steering of an answer that has not begun yet. */
export const makeSteering = ({ send, answerMs, onUnsupported }: SteeringLine): Steering => {
  const offers: Offer[] = []
  let response: string | null = null
  let over = false
  let sound = true
  let whenSure: (() => void) | null = null

  const settle = (offer: Offer, state: "held" | "gone", id: string | null = null): void => {
    offer.state = state
    offer.id = id
    offer.answer(state === "held")
    if (whenSure !== null && !isAwaited()) whenSure()
  }
  const isAwaited = () => offers.some(({ state }) => state === "sent")
  const submit = (offer: Offer): void => {
    offer.state = "sent"
    send(JSON.stringify({ type: "response.steer", previous_response_id: response, input: [offer.note.item] }))
    const late = setTimeout(() => {
      if (offer.state !== "sent") return
      // It may have been taken all the same.
      sound = false
      settle(offer, "gone")
    }, answerMs)
    late.unref()
  }
  /** Answers come in the order of the notes. */
  const answered = () => offers.find(({ state }) => state === "sent")
  const failed = (event: WireEvent): void => {
    const { code } = fieldsOf(event.error)
    const { id } = fieldsOf(event.steer)
    if (code === "steering_not_supported") onUnsupported()
    if (typeof id === "string") {
      const back = offers.find(offer => offer.id === id)
      sound = false
      if (back !== undefined) back.state = "gone"
      return
    }
    const offer = answered()
    if (offer !== undefined) settle(offer, "gone")
  }
  return {
    offer: note =>
      new Promise(answer => {
        const offer: Offer = { note, state: "waiting", id: null, answer }
        if (over) return answer(false)
        offers.push(offer)
        if (response !== null) submit(offer)
      }),
    begin: id => {
      response = id
      for (const offer of offers) if (offer.state === "waiting") submit(offer)
    },
    take: event => {
      switch (event.type) {
        case "response.steer.accepted": {
          const offer = answered()
          if (offer === undefined) sound = false
          else settle(offer, "held", String(fieldsOf(event.steer).id))
          return true
        }
        case "response.steer.failed":
          failed(event)
          return true
        case "response.steer.pending":
          return true // the answer's own calls say as much
        case "error": {
          const offer = answered()
          if (offer === undefined || !isProtocolError(event)) return false
          onUnsupported()
          settle(offer, "gone")
          return true
        }
        default:
          return false
      }
    },
    end: call => {
      over = true
      for (const offer of offers) if (offer.state === "waiting") settle(offer, "gone")
      if (isAwaited()) whenSure = call
      else call()
    },
    lose: () => {
      over = true
      for (const offer of offers)
        if (offer.state === "waiting" || offer.state === "sent") settle(offer, "gone")
    },
    held: () => offers.filter(({ state }) => state === "held").map(({ note }) => note),
    isSound: () => sound,
  }
}

/**
 * Whether an error answers an event that the server does not know, and not the response, which goes on: those of a response carry its
 * sequence number, and limits and the server's own trouble are never about an event.
 */
const isProtocolError = ({ status, sequence_number }: WireEvent): boolean =>
  sequence_number === undefined &&
  typeof status === "number" &&
  status >= 400 &&
  status < 500 &&
  status !== 408 &&
  status !== 429
