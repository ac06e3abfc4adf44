import fc from "fast-check"
import { expect, test } from "vitest"
import { createOutput } from "../../src/keeper/output.ts"

const chunksOf = (bytes: Buffer, cuts: number[]): Buffer[] => {
  const places = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((one, other) => one - other)
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length))
}

test("what fits is kept whole and said live, however it is cut", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.array(fc.nat()), (text, cuts) => {
      const live: string[] = []
      const output = createOutput(1_000_000, piece => live.push(piece))
      const bytes = Buffer.from(text)
      for (const chunk of chunksOf(bytes, cuts)) output.push(chunk)
      expect(output.finish()).toEqual({ text: bytes.toString(), bytes: bytes.length, truncated: false })
      expect(live.join("")).toBe(bytes.toString())
      expect(live).not.toContain("")
    }),
  )
})

test("of more, start and end are kept without half a character, within the bound", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "é", "€", "😀", "\n")), fc.array(fc.nat()), (parts, cuts) => {
      const text = parts.join("")
      const bytes = Buffer.from(text)
      const output = createOutput(32, null)
      for (const chunk of chunksOf(bytes, cuts)) output.push(chunk)
      const kept = output.finish()
      expect(kept.bytes).toBe(bytes.length)
      expect(kept.truncated).toBe(bytes.length > 32)
      expect(kept.text).not.toContain("\uFFFD")
      const [start = "", end = ""] = kept.text.split(/\n\[… \d+ bytes left out …\]\n/)
      expect(text.startsWith(start) && text.endsWith(end)).toBe(true)
      expect(Buffer.byteLength(start)).toBeLessThanOrEqual(32)
      expect(Buffer.byteLength(end)).toBeLessThanOrEqual(16)
    }),
  )
})
