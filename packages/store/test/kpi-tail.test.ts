import { foldEvents, type NewEvent, packetOf } from "@twolane/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { factsOf, isEnough } from "../src/kpis/derive.ts"
import { alice, ended, newTask, queued } from "./open-for-test.ts"
import { at, name, started, usage } from "./turn-events.ts"

const trip: NewEvent = {
  type: "guardrail.tripped",
  turn: "t1",
  at: 0,
  rule: "scope",
  stage: "patch",
  verdict: "steer",
  detail: "",
}

test("the end of a log says of an event what the whole of it does, as soon as it is enough", () => {
  const packet = packetOf(foldEvents(null, name(newTask().events.slice(0, 1))), [])
  const turns: ((turn: string) => NewEvent[])[] = [
    turn => [queued(turn), { ...started, turn }, { ...usage, turn }, ended(turn)],
    turn => [
      queued(turn, { lane: "fast" }),
      { ...trip, turn },
      ended(turn, { status: "canceled", by: alice }),
    ],
    // Handed over by a rule: nobody's prompt.
    turn => [
      {
        type: "handoff.created",
        turn: null,
        at: 0,
        from: { turn: "t0", lane: "fast" },
        to: { turn, lane: "deep" },
        packet,
      },
      queued(turn),
      { ...started, turn },
      ended(turn),
    ],
    // Waits behind the one before it, whose end comes later.
    turn => [
      queued(`${turn}a`),
      { ...started, turn: `${turn}a` },
      queued(`${turn}b`),
      ended(`${turn}a`),
      { ...started, turn: `${turn}b` },
      ended(`${turn}b`),
    ],
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...turns), { maxLength: 8 }), fc.nat(60), (chosen, from) => {
      const all = [...newTask().events.slice(0, 1), ...chosen.flatMap((turn, index) => turn(`t${index}`))]
      const log = name(all.map((event, index) => at(index * 100, event)))
      for (const event of log) {
        const ids = new Set([event.id])
        const tail = log.slice(from)
        if (!isEnough(tail, ids)) continue
        expect(factsOf(tail, ids)).toEqual(factsOf(log, ids))
      }
    }),
  )
})

test("a turn's facts are found without what came before the turn before it", () => {
  const turn = (id: string) => [queued(id), { ...started, turn: id }, { ...usage, turn: id }, ended(id)]
  const log = name([...newTask().events.slice(0, 1), ...["t1", "t2", "t3", "t4"].flatMap(turn)])
  const facts = factsOf(log).slice(-2)
  const ids = new Set(facts.map(({ id }) => id))
  // The last two turns, and the event before them, which tells that nobody handed over.
  const tail = log.slice(-9)
  expect(isEnough(tail, ids)).toBe(true)
  expect(isEnough(tail.slice(1), ids)).toBe(false)
  expect(factsOf(tail, ids)).toEqual(facts)
})
