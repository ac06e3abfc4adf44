import { join } from "node:path"
import { keptTexts } from "@twolane/testkit/corpus"
import fc from "fast-check"
import { expect, test } from "vitest"
import { makeFrameReader } from "../../src/model/sse-frames.ts"

const read = (chunks: readonly Uint8Array[]): [string, string][] => {
  const frames: [string, string][] = []
  const take = makeFrameReader((event, data) => frames.push([event, data]))
  for (const chunk of chunks) take(chunk)
  return frames
}

const cut = (bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] => {
  const chunks: Uint8Array[] = []
  let from = 0
  for (const size of sizes) {
    chunks.push(bytes.subarray(from, from + size))
    from += size
  }
  return [...chunks, bytes.subarray(from)]
}

test("frames come out as they went in, however the bytes are cut and lines are ended", () => {
  const line = fc.string({ unit: "grapheme" }).filter(text => !/[\r\n]/.test(text))
  const frame = fc.record({ event: line, data: fc.array(line, { minLength: 1, maxLength: 3 }) })
  fc.assert(
    fc.property(
      fc.array(frame),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.array(fc.integer({ min: 1, max: 7 })),
      (frames, eol, sizes) => {
        const text = frames
          .map(({ event, data }) =>
            [`event: ${event}`, ": a comment", ...data.map(part => `data: ${part}`), "", ""].join(eol),
          )
          .join("")
        // A last lone \r is only known to end a line when something follows it.
        const bytes = new TextEncoder().encode(`${text}:`)
        expect(read(cut(bytes, sizes))).toEqual(frames.map(({ event, data }) => [event, data.join("\n")]))
      },
    ),
  )
})

test("a field without a space, and a frame without a name, are read too", () => {
  expect(read([new TextEncoder().encode("data:{}\n\nevent: x\n\ndata: [DONE]\n\n")])).toEqual([
    ["", "{}"],
    ["", "[DONE]"],
  ])
})

test("no bytes make it throw, and however they are cut the frames are the same; what failed once comes first", () => {
  const piece = fc.oneof(
    fc.constantFrom("data: ", "data:", "event: ", "id: 1", ":", "\n", "\r", "\r\n", "\n\n", "\ufeff", "{}"),
    fc.string({ unit: "binary", maxLength: 5 }),
  )
  const text = fc.array(piece, { maxLength: 20 }).map(all => all.join(""))
  const kept = keptTexts(join(import.meta.dirname, ".."), "frames")
  const bytesOf = (said: string) => Uint8Array.from(Buffer.from(said))
  const noise = fc.uint8Array({ maxLength: 40 })
  fc.assert(
    fc.property(text, noise, fc.array(fc.integer({ min: 1, max: 9 })), (said, more, sizes) => {
      const bytes = Buffer.concat([bytesOf(said), more])
      expect(read(cut(bytes, sizes))).toEqual(read([bytes]))
    }),
    { numRuns: 2_000, examples: kept.map(said => [said, new Uint8Array(), [1, 2, 3, 4, 5]]) },
  )
})
