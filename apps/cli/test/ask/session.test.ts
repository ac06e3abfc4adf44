import { type EventBody, noUsage, type Outcome, type TaskEvent } from "@twolane/protocol"
import { expect, test } from "vitest"
import type { Key } from "../../src/ask/keys.ts"
import { lineOf, noLine } from "../../src/ask/line.ts"
import { begin, type Effect, type Input, noSession, type Session, step } from "../../src/ask/session.ts"

const event = (body: EventBody, turn = "turn_1"): Input => {
  const whole: TaskEvent = { id: "1-3", task: "task_1", turn, attempt: 1, at: 0, ...body }
  return { type: "event", event: whole }
}
const startedIn = (lane: "fast" | "deep", turn?: string): Input =>
  event(
    { type: "turn.started", lane, worker: "w", model: "m", engine: "builtin", base: null, branch: "b" },
    turn,
  )
const ended = (outcome: Outcome): Input => event({ type: "turn.ended", outcome, usage: noUsage })
const gate: Input = event({ type: "gate.opened", gate: "gate_1", kind: "patch", detail: "?" })
const key = (type: Exclude<Key["type"], "text">): Input => ({ type: "key", key: { type } })
const typed = (text: string): Input[] => [{ type: "key", key: { type: "text", text } }, key("enter")]
const over: Input = { type: "over" }
const canceled: Outcome = { status: "canceled", by: { key: "k", name: "me" } }

/** The session after some inputs, and all that it wanted done. */
const after = (start: Session, ...inputs: Input[]): { session: Session; effects: Effect[] } => {
  const effects: Effect[] = []
  let session = start
  for (const input of inputs) {
    const next = step(session, input)
    session = next.session
    effects.push(...next.effects)
  }
  return { session, effects }
}
const asking = begin(noSession, "mend it", "fast").session
const running = after(asking, startedIn("fast")).session
const idle = after(running, ended({ status: "succeeded" }), over).session

test("a line is the next prompt when no turn runs, and a steering note when one does", () => {
  expect(after(noSession, ...typed("mend it")).effects).toEqual([
    { do: "ask", prompt: "mend it", lane: "fast" },
  ])
  const steered = after(running, ...typed("and test it"))
  expect(steered.effects).toEqual([{ do: "steer", task: "task_1", turn: "turn_1", prompt: "and test it" }])
  expect(steered.session.line).toEqual(noLine)
  expect(idle).toMatchObject({ task: "task_1", after: "1-3", busy: false, turn: null, status: "succeeded" })
  expect(after(idle, ...typed("more")).effects).toEqual([{ do: "ask", prompt: "more", lane: "fast" }])
  expect(after(idle, key("enter")).effects).toEqual([])
})

test("what is said to a turn before it has started goes to it once it has, or back into the line", () => {
  const held = after(asking, ...typed("and test it"), ...typed("both cases"))
  expect(held.effects.map(effect => effect.do)).toEqual(["say", "say"])
  expect(held.session.line).toEqual(noLine)
  const begun = after(held.session, startedIn("fast"), startedIn("fast"))
  const steer = { do: "steer", task: "task_1", turn: "turn_1" } as const
  expect(begun.effects).toEqual([
    { ...steer, prompt: "and test it" },
    { ...steer, prompt: "both cases" },
  ])
  expect(after(held.session, over).session).toMatchObject({
    held: [],
    line: lineOf("and test it both cases"),
  })
})

test("Esc interrupts once, before and after the task is known, and erases the line when nothing runs", () => {
  expect(after(asking, key("escape"), key("escape")).effects).toEqual([{ do: "interrupt", task: null }])
  expect(after(running, key("escape"), key("escape")).effects).toEqual([{ do: "interrupt", task: "task_1" }])
  const { session } = after(running, key("escape"), ended(canceled), over)
  expect(session).toMatchObject({ busy: false, stopping: false, status: "canceled" })
  expect(after({ ...idle, line: lineOf("x") }, key("escape"))).toEqual({ session: idle, effects: [] })
})

test("a turn that never came to an end is canceled when we stopped it, and failed otherwise", () => {
  expect(after(asking, key("escape"), over).session.status).toBe("canceled")
  expect(after(asking, over).session.status).toBe("failed")
})

test("Ctrl-C interrupts and leaves after the end, a second one at once", () => {
  const once = after(running, key("ctrl_c"))
  expect(once.effects).toEqual([{ do: "interrupt", task: "task_1" }])
  expect(after(once.session, ended(canceled), over).effects).toEqual([{ do: "leave" }])
  expect(after(once.session, key("ctrl_c")).effects).toEqual([{ do: "leave" }])
  expect(after(idle, key("ctrl_c")).effects).toEqual([{ do: "leave" }])
  expect(after(idle, ...typed("/quit")).effects).toEqual([{ do: "leave" }])
})

test("Ctrl-D leaves from an empty line when nothing runs", () => {
  expect(after(running, key("ctrl_d")).effects).toEqual([])
  expect(after({ ...idle, line: lineOf("x") }, key("ctrl_d")).effects).toEqual([])
  expect(after(idle, key("ctrl_d")).effects).toEqual([{ do: "leave" }])
})

test("/deep takes the running turn to the deep lane, with the last prompt or words of its own", () => {
  const handed = after(running, ...typed("/deep"))
  expect(handed.effects).toEqual([{ do: "hand_off", task: "task_1", prompt: "mend it" }])
  expect(after(running, ...typed("/deep all of it")).effects).toEqual([
    { do: "hand_off", task: "task_1", prompt: "all of it" },
  ])
  const deep = after(handed.session, ended({ status: "handed_off" }), startedIn("deep", "turn_2")).session
  expect(deep).toMatchObject({ busy: true, lane: "deep", turn: "turn_2", stopping: false })
  expect(after(deep, ...typed("/deep")).effects.map(effect => effect.do)).toEqual(["say"])
  expect(after(deep, key("ctrl_c")).effects).toEqual([{ do: "leave" }])
  expect(after(idle, ...typed("/deep")).effects).toEqual([{ do: "ask", prompt: "mend it", lane: "deep" }])
  expect(after(noSession, ...typed("/deep")).effects.map(effect => effect.do)).toEqual(["say"])
})

test("a question is answered by /allow, or /deny with what to do instead", () => {
  const waiting = after(running, gate).session
  const decide = { do: "decide", task: "task_1", gate: "gate_1" } as const
  expect(after(waiting, ...typed("/allow")).effects).toEqual([{ ...decide, decision: "allow", note: "" }])
  expect(after(waiting, ...typed("/deny use fetch")).effects).toEqual([
    { ...decide, decision: "deny", note: "use fetch" },
  ])
  const other = after(waiting, ...typed("go on"))
  expect([other.session.line, other.effects.map(effect => effect.do)]).toEqual([lineOf("go on"), ["say"]])
  expect(after(idle, ...typed("/allow")).effects).toEqual([{ do: "say", lines: ["Nothing is asked."] }])
})

test("/diff, /undo and /accept need a task, and the latter two a turn that has ended", () => {
  expect(after(idle, ...typed("/undo")).effects).toEqual([{ do: "undo", task: "task_1" }])
  expect(after(running, ...typed("/undo")).effects.map(effect => effect.do)).toEqual(["say"])
  expect(after(noSession, ...typed("/undo")).effects.map(effect => effect.do)).toEqual(["say"])
  expect(after(idle, { type: "read", after: "2-7" }).session.after).toBe("2-7")
  expect(after(running, ...typed("/diff")).effects).toEqual([{ do: "diff", task: "task_1" }])
  expect(after(idle, ...typed("/accept")).effects).toEqual([{ do: "accept", task: "task_1" }])
  expect(after(running, ...typed("/accept")).effects.map(effect => effect.do)).toEqual(["say"])
  expect(after(noSession, ...typed("/diff")).effects.map(effect => effect.do)).toEqual(["say"])
})

test("what a refused command was typed for comes back, unless something else is being typed", () => {
  const refused: Input = { type: "refused", text: "and test it" }
  expect(after(running, refused).session.line).toEqual(lineOf("and test it"))
  expect(after({ ...running, line: lineOf("x") }, refused).session.line).toEqual(lineOf("x"))
})

test("an unknown command is not taken for a prompt, and a blank before the slash makes it one", () => {
  expect(after(idle, ...typed("/dep")).effects).toEqual([
    { do: "say", lines: ["There is no /dep: /help shows what there is."] },
  ])
  expect(after(idle, ...typed(" /src is wrong")).effects).toEqual([
    { do: "ask", prompt: "/src is wrong", lane: "fast" },
  ])
})
