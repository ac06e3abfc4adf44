import type { Journal } from "@twolane/agent"
import type { DeltaBody, NewEvent } from "@twolane/protocol"
import { expect, test } from "vitest"
import { listenToCalls } from "../src/hearing.ts"

/** A journal that keeps what it is given. */
const keepAll = () => {
  const kept: (DeltaBody | NewEvent)[] = []
  const journal: Pick<Journal, "write" | "delta"> = {
    write: async events => {
      kept.push(...events)
      return []
    },
    delta: delta => void kept.push(delta),
  }
  return { kept, journal: journal as Journal }
}

const says = (call: string, text: string): DeltaBody => ({ type: "tool.delta", call, text })
const starts = (call: string): NewEvent => ({
  type: "tool.started",
  call,
  tool: "shell",
  input: {},
  turn: "turn_1",
  at: 1,
})

test("what a call says is heard from its start on, and everything passes through as it came", async () => {
  const hearing = listenToCalls()
  const { kept, journal } = keepAll()
  const heard = hearing.journal(journal)
  const written = says("c1", '{"command":')
  const [one, two, talk] = [
    says("c1", "one "),
    says("c1", "two"),
    { type: "message.delta", text: "talk" },
  ] as const
  heard.delta(written)
  await heard.write([starts("c1")])
  for (const delta of [one, two, talk]) heard.delta(delta)
  expect(kept).toEqual([written, starts("c1"), one, two, talk])
  expect([...hearing.heard()]).toEqual([["c1", { text: "one two", truncated: false }]])
})

test("of a long output the end is kept, and of many calls the last ones", () => {
  const hearing = listenToCalls()
  const heard = hearing.journal(keepAll().journal)
  heard.delta(says("long", "a".repeat(9_000)))
  heard.delta(says("long", "end"))
  const kept = hearing.heard().get("long")
  expect(kept).toMatchObject({ truncated: true, text: expect.stringMatching(/^a+end$/) })
  expect(kept?.text.length).toBe(8_000)
  for (let n = 0; n < 40; n += 1) heard.delta(says(`c${n}`, "x"))
  expect(hearing.heard().size).toBe(32)
  expect(hearing.heard().has("long")).toBe(false)
})
