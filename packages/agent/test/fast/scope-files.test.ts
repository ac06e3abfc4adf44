import { neverAborted } from "@twolane/common"
import { isLinearOn } from "@twolane/testkit/linear"
import fc from "fast-check"
import { expect, test } from "vitest"
import { mentionPatterns } from "../../src/fast/mentions.ts"
import { type FileSource, scopeFiles } from "../../src/fast/scope-files.ts"

/** A tree in memory, and which of its files were read. */
const treeOf = (files: Record<string, string>): FileSource & { reads: string[] } => {
  const reads: string[] = []
  return {
    reads,
    list: async () => Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.byteLength(text) })),
    read: async path => {
      reads.push(path)
      return files[path] ?? null
    },
  }
}

const large = Object.fromEntries(
  Array.from({ length: 200 }, (_, n) => [
    `src/part-${n}/module.ts`,
    `export const unit${n} = ${n}\n`.repeat(40),
  ]),
)
const repo = {
  ...large,
  "src/money/round-half.ts": "export const roundHalf = (n: number) => Math.round(n)\n",
  "test/money/round-half.test.ts": "test('rounds', () => {})\n",
  "src/money/format.ts": "export const showMoney = () => ''\n",
  "package-lock.json": "{}",
  "logo.png": "\0\0",
}

const pick = async (
  prompt: string,
  more: { scope?: string[]; maxTokens?: number } = {},
  files: Record<string, string> = repo,
) => {
  const source = treeOf(files)
  const chosen = await scopeFiles({ prompt, scope: [], maxTokens: 4_000, ...more }, source, neverAborted())
  return { names: [...chosen.files.keys()], left: chosen.left, reads: source.reads }
}

test.each([
  ["a path", "In src/money/format.ts the sign is wrong."],
  ["the end of a path", "`money/format.ts`: the sign is wrong"],
  ["a file's name", "format.ts shows the sign twice."],
])(
  "a prompt that names %s shows that file first, and reads nothing else of a large tree",
  async (_how, prompt) => {
    const { names, reads } = await pick(prompt)
    expect(names[0]).toBe("src/money/format.ts")
    expect(reads.length).toBeLessThan(5)
  },
)

test("a symbol finds the file that is named after it, and its test", async () => {
  const { names } = await pick("roundHalf should round half to even")
  expect(names.slice(0, 2)).toEqual(["src/money/round-half.ts", "test/money/round-half.test.ts"])
})

test("a symbol that no file is named after is looked for in a bounded part of the tree", async () => {
  const files = { ...repo, "src/a/thing.ts": "export const sumOfAll = 1\n" }
  const { names, reads } = await pick("`sumOfAll` is off by one", {}, files)
  expect(names[0]).toBe("src/a/thing.ts")
  expect(reads.length).toBeLessThan(170)
})

test("globs of a scope are the whole choice", async () => {
  const { names } = await pick("make it faster", { scope: ["src/money/**"] })
  expect(names.sort()).toEqual(["src/money/format.ts", "src/money/round-half.ts"])
})

test("of a small tree everything that can be read is shown, without a word about it", async () => {
  const files = { "a.js": "a\n", "b.js": "b\n", "package-lock.json": "{}", "i.png": "x", "bin.dat": "\0" }
  expect((await pick("do it", {}, files)).names.sort()).toEqual(["a.js", "b.js"])
})

test("a prompt that names nothing of a large tree shows nothing", async () => {
  expect((await pick("Why is it so slow?")).names).toEqual([])
})

test("the budget is kept, and what it left out is said", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(5_000), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 3_000 }),
      async (sizes, maxTokens) => {
        const files = Object.fromEntries(sizes.map((size, n) => [`src/f${n}.ts`, "x".repeat(size)]))
        const { names, left } = await pick("src/f0.ts", { maxTokens, scope: ["src"] }, files)
        const bytes = names.reduce((sum, name) => sum + (files[name]?.length ?? 0), 0)
        expect(bytes).toBeLessThanOrEqual(maxTokens * 3.6)
        expect(names.length <= 40 && left.length <= 30).toBe(true)
        expect(new Set([...names, ...left]).size).toBe(names.length + left.length)
        expect(names.length + left.length === sizes.length || left.length === 30).toBe(true)
      },
    ),
    { numRuns: 200 },
  )
})

test.each(Object.entries(mentionPatterns))("%s does not go back over a hostile prompt", (_name, pattern) => {
  const pieces = ["a", "a/", "`", "``` ", "` ", ".a", ".", "!", "\n", " ", "a_", "aA", "a ", "(", "```a"]
  const slow = pieces.filter(piece => !isLinearOn(pattern, piece.repeat(20_000 / piece.length)))
  expect(slow).toEqual([])
})

test("of a very long prompt the beginning is read", async () => {
  const { names } = await pick(`${"and so on ".repeat(5_000)} src/money/format.ts`)
  expect(names).toEqual([])
})
