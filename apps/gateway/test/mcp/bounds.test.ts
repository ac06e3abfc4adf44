import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { bounded } from "../../src/bounded.ts"
import { diffPart, type FilePatch, maxDiffChars, wholeDiff } from "../../src/mcp/tools/diff.ts"
import { apiKey, type OpenGateway, openGateway } from "../open-gateway.ts"
import { callTool, connectMcp } from "./connect.ts"

let gateway: OpenGateway

beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const fileOf = (path: string, patch: string): FilePatch => ({
  path,
  change: "modified",
  added: 1,
  removed: 0,
  patch,
})

test("a text that is too long is cut between characters, and says by how much", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.integer({ min: 1, max: 40 }),
      (text, most) => {
        const shown = bounded(text, most)
        const cut = /^([\s\S]*)… \[(\d+) characters left out\]$/.exec(shown)
        const [, kept = shown, left = "0"] = text.length <= most ? [] : (cut ?? [])
        expect(kept).toBe(text.slice(0, text.length - Number(left)))
        expect([kept.length <= most, kept.isWellFormed()]).toEqual([true, true])
      },
    ),
  )
})

test("a diff that is too long names the files that it leaves out, and shows each in parts that make it whole", () => {
  const long = "+x\n".repeat(maxDiffChars)
  const files = [fileOf("a.ts", "+a\n"), fileOf("long.ts", long), fileOf("z.ts", "+z\n")]
  const shown = wholeDiff(files)
  expect(shown.length).toBeLessThan(maxDiffChars)
  expect(shown).toMatch(
    /^modified a\.ts \+1 -0\nmodified long\.ts \+1 -0\nmodified z\.ts \+1 -0\n\+a\n\n\+z\n/,
  )
  expect(shown).toMatch(/Left out, .* with path:\nlong\.ts$/)
  let whole = ""
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const part = diffPart(fileOf("long.ts", long), offset)
    const next = /\n\[\d+ more characters: path long\.ts, offset (\d+)\]$/.exec(part)
    whole += next === null ? part : part.slice(0, next.index)
    offset = next === null ? undefined : Number(next[1])
  }
  expect(whole).toBe(long)
})

test("a watch ends when the gateway stops, and says that another one answers", async () => {
  await using own = await openGateway()
  const { id } = await own.submit()
  await using client = await connectMcp(own.url, apiKey)
  const heard = Promise.withResolvers<void>()
  const watching = callTool(client, "watch", { task: id, seconds: 600 }, () => heard.resolve())
  await heard.promise
  const stopped = own.stop()
  expect(await watching).toMatchObject({ refused: true, text: expect.stringContaining("(shutting-down)") })
  await stopped
})
