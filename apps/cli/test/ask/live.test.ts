import type { ServerResponse } from "node:http"
import {
  ended,
  eventOf,
  json,
  messageText,
  problemDocument,
  send,
  started,
} from "@twolane/testkit/gateway-double"
import { expect, test } from "vitest"
import { callText, type Double, green, patched, startDouble, task } from "./start-double.ts"
import { type AtTerminal, startAtTerminal } from "./start-terminal.ts"

const succeeded = { status: "succeeded" } as const
const canceled = { status: "canceled", by: { key: "key_1", name: "me" } } as const
const idle = "○ what next?"

/** A double whose streams a test writes by hand, in the order in which they were asked for. */
const startHouse = async (): Promise<{ double: Double; streams: ServerResponse[] }> => {
  const streams: ServerResponse[] = []
  const open = (response: ServerResponse) => {
    streams.push(response)
    send(response)
    response.write(":\n\n")
  }
  const double = await startDouble({
    "POST /v1/tasks": [open],
    // A deep turn is queued; a fast one is a stream.
    "POST /v1/tasks/task_1/turns": [
      (response, call) =>
        JSON.stringify(call.body).includes('"deep"') ? json(202, task)(response, call) : open(response),
    ],
    "GET /v1/tasks/task_1/events": [open],
    "POST /v1/tasks/task_1/steer": [json(202, { steer: "steer_1" })],
    "POST /v1/tasks/task_1/interrupt": [json(202, task)],
    "POST /v1/tasks/task_1/accept": [json(200, task)],
    "POST /v1/tasks/task_1/gates/gate_1": [json(200, {})],
    "GET /v1/tasks/task_1": [json(200, task)],
  })
  return { double, streams }
}

const ask = ({ url }: Double, ...args: string[]): AtTerminal =>
  startAtTerminal(["ask", "-r", "shop", ...args], { TWOLANE_URL: url, TWOLANE_API_KEY: "tl_key" })

const say = (streams: readonly ServerResponse[], ...messages: Parameters<typeof send>[1][]): void => {
  const last = streams.at(-1)
  if (last !== undefined) send(last, ...messages)
}

test("a turn is seen as it happens, steered while it runs, followed up after, and left", async () => {
  const { double, streams } = await startHouse()
  await using _double = double
  await using terminal = ask(double, "mend it")
  await double.called("POST /v1/tasks")
  await terminal.until("› mend it")
  say(streams, started("1-1"), messageText("I look"), messageText(" at it."))
  await terminal.until("I look at it.")
  terminal.press("and te\x7fest it\r")
  const steer = await double.called("POST /v1/tasks/task_1/steer")
  expect(steer.body).toEqual({ prompt: "and test it", turn: "turn_1" })
  say(streams, eventOf("1-2", { type: "steer.accepted", steer: "steer_1", prompt: "and test it" }))
  await terminal.until("steering: and test it")
  say(streams, callText("c", "*** Begin Patch\n+tw"))
  await terminal.until("+tw")
  say(streams, patched("1-3"), callText("tests", "ok 1\n"))
  await terminal.until("\x1b[32m+two")
  await terminal.until("ok 1")
  say(streams, green("1-4"), ended("1-5", succeeded))
  await terminal.until("first token")
  await terminal.until(idle)
  terminal.press("more\r")
  const turn = await double.called("POST /v1/tasks/task_1/turns")
  expect(turn.body).toEqual({ prompt: "more", lane: "fast" })
  say(streams, started("2-1", "turn_2"), ended("2-2", succeeded, "turn_2"))
  await terminal.until(idle)
  terminal.press("/accept\r")
  await terminal.until("accepted: branch twolane/task_1")
  terminal.press("/quit\r")
  expect(await terminal.ended).toMatchObject({ code: 0, restored: true })
})

test("Esc interrupts, and the session goes on; its exit code is that of the last turn", async () => {
  const { double, streams } = await startHouse()
  await using _double = double
  await using terminal = ask(double, "mend it")
  await double.called("POST /v1/tasks")
  say(streams, started("1-1"), messageText("Thinking"))
  await terminal.until("Thinking")
  terminal.press("\x1b[A\x1b")
  await double.called("POST /v1/tasks/task_1/interrupt")
  say(streams, ended("1-2", canceled))
  await terminal.until(idle)
  terminal.press("\x04")
  expect(await terminal.ended).toMatchObject({ code: 3, restored: true })
})

test("/deep takes the task to the deep lane, whose turn is followed here", async () => {
  const { double, streams } = await startHouse()
  await using _double = double
  await using terminal = ask(double, "mend it")
  await double.called("POST /v1/tasks")
  say(streams, started("1-1"), messageText("Hm."))
  await terminal.until("Hm.")
  terminal.press("/deep\r")
  const turn = await double.called("POST /v1/tasks/task_1/turns")
  expect(turn.body).toEqual({ prompt: "mend it", lane: "deep", interrupt: true })
  say(streams.slice(0, 1), ended("1-2", { status: "handed_off" }))
  streams[0]?.end()
  await double.called("GET /v1/tasks/task_1/events")
  say(streams, started("2-1", "turn_2", "deep"))
  await terminal.until("● deep")
  say(streams, ended("2-2", succeeded, "turn_2"))
  await terminal.until("○ what next?")
  terminal.press("\x03")
  expect(await terminal.ended).toMatchObject({ code: 0, restored: true })
})

test("a question is answered where it is asked", async () => {
  const { double, streams } = await startHouse()
  await using _double = double
  await using terminal = ask(double, "mend it")
  await double.called("POST /v1/tasks")
  say(
    streams,
    started("1-1"),
    eventOf("1-2", { type: "gate.opened", gate: "gate_1", kind: "patch", detail: "b.js?" }),
  )
  await terminal.until("? a question waits")
  terminal.press("/deny leave b.js\r")
  const decided = await double.called("POST /v1/tasks/task_1/gates/gate_1")
  expect(decided.body).toEqual({ decision: "deny", note: "leave b.js" })
})

test("whatever ends it gives the terminal back: a refusal, a second Ctrl-C, SIGTERM", async () => {
  const { double, streams } = await startHouse()
  await using _double = double
  await using refusing = await startDouble({
    "POST /v1/tasks": [json(503, problemDocument("no-worker", 503))],
  })
  await using refused = ask(refusing, "mend it")
  const refusal = await refused.ended
  expect(refusal).toMatchObject({ code: 1, restored: true })
  expect(refusal.out).toContain("no-worker (no-worker)")

  await using impatient = ask(double, "mend it")
  await double.called("POST /v1/tasks")
  say(streams, started("1-1"))
  await impatient.until("started on w")
  impatient.press("\x03")
  await impatient.until("interrupting, then leaving")
  impatient.press("\x03")
  expect(await impatient.ended).toMatchObject({ code: 3, restored: true })

  await using killed = ask(double)
  await killed.until("what shall be done?")
  killed.kill("SIGTERM")
  expect(await killed.ended).toMatchObject({ code: 143, restored: true })
})
