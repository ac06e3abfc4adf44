import { type NewEvent, newId } from "@twolane/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { acceptableHead, discardTask } from "../../src/decide/review.ts"
import { steerTurn } from "../../src/decide/steer.ts"
import { titleOf } from "../../src/decide/title.ts"
import { after, alice, andThen, changed, created, ended, opened, queued, started } from "./log-of.ts"

const at = 9
const over = after(created, queued("turn_1"), started("turn_1"), changed, ended("turn_1"))
const fault = (code: string) => expect.objectContaining({ code })
const accepted: NewEvent = { type: "task.reviewed", decision: "accepted", by: alice, turn: null, at }

test("a task is discarded once, and not while a turn is open or after it was accepted", () => {
  const events = discardTask(over, alice, at)
  expect(events).toEqual([{ type: "task.reviewed", decision: "discarded", by: alice, turn: null, at }])
  expect(discardTask(andThen(over, events), alice, at)).toEqual([])
  expect(() => discardTask(after(created, queued("turn_1")), alice, at)).toThrow(fault("task-open"))
  expect(() => discardTask(andThen(over, [accepted]), alice, at)).toThrow(fault("task-accepted"))
})

test("what is accepted is the head of a change of a task that is quiet", () => {
  expect(acceptableHead(over)).toBe("c".repeat(40))
  expect(acceptableHead(andThen(over, [accepted]))).toBe("c".repeat(40))
  expect(() => acceptableHead(andThen(over, [queued("turn_2")]))).toThrow(fault("task-open"))
  expect(() => acceptableHead(andThen(over, discardTask(over, alice, at)))).toThrow(fault("task-discarded"))
  const empty = after(created, queued("turn_1"), started("turn_1"), ended("turn_1"))
  expect(() => acceptableHead(empty)).toThrow(fault("nothing-to-accept"))
})

test("a note reaches a running turn alone, and once", () => {
  const note = { steer: newId("steer"), turn: "turn_1", prompt: "use b", by: alice }
  const running = after(created, queued("turn_1"), started("turn_1"), queued("turn_2"))
  const events = steerTurn(running, note, at)
  expect(events).toEqual([{ type: "steer.accepted", ...note, at }])
  expect(steerTurn(andThen(running, events), note, at)).toEqual([])
  const others = [
    after(created, queued("turn_1")),
    after(created, queued("turn_1"), started("turn_1"), opened("turn_1", "gate_1")),
    over,
  ]
  for (const state of others) expect(() => steerTurn(state, note, at)).toThrow(fault("turn-not-running"))
  expect(() => steerTurn(running, { ...note, turn: "turn_2" }, at)).toThrow(fault("turn-not-running"))
})

const anyText = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map(points => String.fromCodePoint(...points))

test("a title is the first line that says something, without control characters, at most 80 letters", () => {
  expect(titleOf("\n\t mend\u0007 the \u202esum\r\nplease")).toBe("mend the sum")
  expect(titleOf("😀".repeat(100))).toBe(`${"😀".repeat(79)}…`)
  expect(titleOf("\u200b")).toBe("Untitled")
  fc.assert(
    fc.property(anyText, prompt => {
      const title = titleOf(prompt)
      expect(Array.from(title).length).toBeLessThanOrEqual(80)
      expect(title).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}]+$/u)
    }),
  )
})
