import { call, inOrder } from "@twolane/testkit"
import { expect, test } from "vitest"
import type { Journal } from "../../src/journal.ts"
import { only, openRig, patchLine, type Rig } from "../fast/rig.ts"
import { makeTree } from "../fast/tree.ts"

const files = { "a.txt": "one\n" }
const mend = call(["apply_patch", patchLine("a.txt", "one", "two")])
const green = () => ({ status: "passed" as const, passed: 1, failed: 0 })

/** A journal whose worker dies before the first write that has an event of this type is stored. */
const dyingAt = (rig: Rig, type: string): Journal => {
  const journal = rig.log.claim("turn_1")
  return {
    ...journal,
    write: async (events, more) => {
      if (events.some(event => event.type === type)) throw new Error("the worker was killed")
      return journal.write(events, more)
    },
  }
}

test("a call that a lost worker never began is run by the next one, without asking the model again", async () => {
  await using rig = await openRig({ script: inOrder(mend) })
  const journal = Promise.resolve().then(() => dyingAt(rig, "tool.started"))
  await expect(rig.run(makeTree(files, green), { ports: { journal } })).rejects.toThrow("was killed")
  const tree = makeTree(files, green)
  expect(await rig.run(tree)).toMatchObject({ end: "done" })
  expect(tree.now.get("a.txt")).toBe("two\n")
  expect(rig.server.requests).toHaveLength(1)
  expect(only(rig.log, "tool.started").map(event => event.call)).toEqual(
    only(rig.log, "tool.ended").map(event => event.call),
  )
})

test("a call that a lost worker had begun is never run again: its outcome is unknown", async () => {
  await using rig = await openRig({ script: inOrder(mend, mend) })
  const journal = Promise.resolve().then(() => dyingAt(rig, "tool.ended"))
  await expect(rig.run(makeTree(files, green), { ports: { journal } })).rejects.toThrow("was killed")
  expect(await rig.run(makeTree(files, green))).toMatchObject({ end: "done" })
  expect(rig.server.requests).toHaveLength(2)
  const [first, second] = only(rig.log, "tool.started")
  expect(only(rig.log, "tool.ended")).toMatchObject([
    { call: first?.call, ok: false, output: expect.stringContaining("is unknown") },
    { call: second?.call, ok: true },
  ])
  expect(first?.call).not.toBe(second?.call)
})
