import { expect, test } from "vitest"
import { encodeForAll, encodeFrame } from "../src/event-stream.ts"

test("what many are sent is encoded as it is for one, also where only its id or its name is another", () => {
  const encode = encodeForAll()
  const data = { text: "said" }
  const messages = [
    { data },
    { data },
    { id: "1-1", data },
    { id: "1-2", data },
    { event: "problem", data },
    { data: { text: "said" } },
  ]
  expect(messages.map(encode)).toEqual(messages.map(encodeFrame))
})
