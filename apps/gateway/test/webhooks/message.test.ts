import { type Delivery, newId, type Task, type TaskEvent } from "@twolane/protocol"
import { expect, test } from "vitest"
import { bodyOf } from "../../src/webhooks/message.ts"

const task = newId("task")
const message: Delivery = {
  id: "msg_1",
  type: "message.done",
  task,
  event: "1-2",
  createdAt: 5,
  status: "waiting",
  tries: [],
}
const eventOf = (text: string): TaskEvent => ({
  type: "message.done",
  text,
  id: "1-2",
  task,
  turn: newId("turn"),
  attempt: 1,
  at: 1_000,
})
const sentOf = (event: TaskEvent) => JSON.parse(bodyOf("default", message, { event, task: {} as Task }))

test("an event goes as it is, with the time at which it happened", () => {
  const event = eventOf("x".repeat(60_000))
  expect(sentOf(event)).toEqual({
    type: "message.done",
    timestamp: "1970-01-01T00:00:01.000Z",
    data: { team: "default", task: {}, event },
  })
})

test("a large event's long texts are cut, and it says so", () => {
  const { data } = sentOf(eventOf("x".repeat(100_000)))
  expect(data.event).toMatchObject({ id: "1-2", truncated: true })
  expect(data.event.text).toBe(`${"x".repeat(16_384)}… [83616 characters left out]`)
})
