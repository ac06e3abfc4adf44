import fc from "fast-check"
import { expect, test } from "vitest"
import { encodeEvent, encodeFrames } from "../../src/model/encode.ts"
import { itemEvents } from "../../src/model/item-events.ts"
import { planItems } from "../../src/model/planned.ts"
import type { Item, ReplyItem } from "../../src/model/script.ts"

const items: readonly ReplyItem[] = [
  { type: "message", text: 'A "quoted"\nline, and ünïcode 🙂.' },
  { type: "refusal", text: "I do not." },
  { type: "reasoning", summary: "Because." },
  { type: "call", name: "apply_patch", input: "*** Begin Patch\n" },
  { type: "call", name: "shell", input: { command: "ls" } },
]

test("every event of every kind of item is written as JSON says it", () => {
  const asked = { model: "m", instructions: "", items: [], transport: "websocket" } as const
  const tools = [{ type: "custom", name: "apply_patch" }]
  const events: Item[] = []
  for (const [index, planned] of planItems({ items }, { ...asked, tools }, false).entries())
    for (const event of itemEvents(
      planned,
      index,
      () => "on",
      text => text,
    ))
      events.push(
        { ...event, sequence_number: index },
        { ...event, sequence_number: index, stream_id: 'a "b"' },
      )
  expect(events.filter(event => "delta" in event).length).toBeGreaterThan(10)
  expect(events.map(event => JSON.parse(encodeEvent(event)))).toEqual(events)
})

test("texts of any length are framed so that a reader of frames gets them back", () => {
  const texts = fc.array(
    fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.nat(70_000).map(length => "x".repeat(length)),
    ),
  )
  fc.assert(
    fc.property(texts, some => {
      expect(readFrames(encodeFrames(some))).toEqual(some)
    }),
  )
})

const readFrames = (bytes: Buffer): string[] => {
  const texts: string[] = []
  for (let at = 0; at < bytes.length; ) {
    expect(bytes[at]).toBe(0x81)
    const short = bytes.readUInt8(at + 1)
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    const length =
      head === 2 ? short : head === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
    texts.push(bytes.toString("utf8", at + head, at + head + length))
    at += head + length
  }
  return texts
}
