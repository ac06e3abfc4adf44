import { expect, test } from "vitest"
import { keepObjects } from "../../src/git/kept-objects.ts"

const nameOf = (index: number): string => index.toString(16).padStart(40, "0")
const blob = (size: number) => ({ sha: nameOf(0), type: "blob", size, bytes: Buffer.alloc(size) }) as const

test("only what a whole name stands for is kept", () => {
  const kept = keepObjects()
  for (const name of ["main", "refs/heads/main", nameOf(1).slice(0, 12), `${nameOf(1)}~1`]) {
    kept.keep(name, blob(10))
    kept.keepInfo(name, blob(10))
    expect([kept.read(name), kept.info(name)]).toEqual([undefined, undefined])
  }
  kept.keep(`${nameOf(1)}^{tree}`, blob(10))
  expect(kept.read(`${nameOf(1)}^{tree}`)).toEqual(blob(10))
})

test("a large object is not kept, and of many the longest unused goes", () => {
  const kept = keepObjects()
  kept.keep(nameOf(1), blob(256 * 1024 + 1))
  expect(kept.read(nameOf(1))).toBeUndefined()
  for (let index = 0; index < 64; index += 1) kept.keep(nameOf(index), blob(256 * 1024))
  kept.read(nameOf(0))
  kept.keep(nameOf(64), blob(256 * 1024))
  expect(kept.read(nameOf(0))).toBeDefined()
  expect(kept.read(nameOf(1))).toBeUndefined()
})
