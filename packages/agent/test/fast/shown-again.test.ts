import { say } from "@twolane/testkit"
import { expect, test } from "vitest"
import { messageText } from "../../src/items.ts"
import { openRig, queueTurn, type Rig } from "./rig.ts"
import { makeTree, type Tree } from "./tree.ts"

const one = "src/one.js:\n```\nexport const one = 1\n```"
const two = "src/two.js:\n```\nexport const two = 2\n```"
const files = { "src/one.js": "export const one = 1\n", "src/two.js": "export const two = 2\n" }
/** What the change asks for, so that a window of a thousand tokens is full after one turn. */
const long = "Say something. ".repeat(150)

/** Runs a turn to its end; answers which parts of its request speak of files. */
const ask = async (rig: Rig, tree: Tree, turn: string, windowTokens = 100_000): Promise<string[]> => {
  if (turn !== "turn_1") queueTurn(rig.log, turn, "Go on.")
  await rig.run(tree, { turn, prompt: long, plan: { windowTokens } })
  const { usage } = rig.log.state()
  rig.log.append([{ type: "turn.ended", outcome: { status: "succeeded" }, usage, turn, at: Date.now() }])
  const own = rig.log.transcript.filter(entry => entry.turn === turn).flatMap(({ items }) => items)
  const request = own.map(item => messageText(item, "user")).find(text => text.startsWith("Repository"))
  return (request ?? "").split("\n\n").filter(part => part.includes("src/"))
}

test("a follow-up shows the files that are not as the model saw them last, and names the others", async () => {
  await using rig = await openRig({ script: () => say("Yes.") })
  const tree = makeTree(files)
  expect(await ask(rig, tree, "turn_1")).toEqual([one, two])
  expect(await ask(rig, tree, "turn_2")).toEqual([
    "Now exactly as they were last shown above: src/one.js, src/two.js.",
  ])
  tree.now.set("src/two.js", "export const two = 3\n")
  expect(await ask(rig, tree, "turn_3")).toEqual([
    "Now exactly as they were last shown above: src/one.js.",
    two.replace("2\n", "3\n"),
  ])
  // Taken back: the first showing is not the last one.
  tree.now.set("src/two.js", "export const two = 2\n")
  expect(await ask(rig, tree, "turn_4")).toEqual([
    "Now exactly as they were last shown above: src/one.js.",
    two,
  ])
})

test("a conversation that has to be shortened is shown all files again", async () => {
  await using rig = await openRig({ script: () => say("Yes.") })
  const tree = makeTree(files)
  await ask(rig, tree, "turn_1", 2_000)
  expect(await ask(rig, tree, "turn_2", 2_000)).toEqual([one, two])
})
