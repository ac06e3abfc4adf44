import { foldEvents, type TaskState } from "@twolane/protocol"
import { say } from "@twolane/testkit"
import { expect, test } from "vitest"
import { readAhead } from "../../src/fast/read-ahead.ts"
import { estimateTokens, messageText, userMessage } from "../../src/items.ts"
import { openConversation } from "../../src/loop/conversation.ts"
import { shownIn } from "../../src/prompt/shown-files.ts"
import { fastPolicy, openRig, queueTurn } from "../fast/rig.ts"
import { makeTree } from "../fast/tree.ts"

const file = { path: "src/one.js", text: "export const one = 1\n" }

/** A task with two turns and a third that is about to begin, after what it begins with was read ahead. */
const readyForThird = async () => {
  await using rig = await openRig({ script: () => say("Yes.") })
  const tree = makeTree({ [file.path]: file.text })
  for (const turn of ["turn_1", "turn_2"]) {
    if (turn !== "turn_1") queueTurn(rig.log, turn, "Go on.")
    await rig.run(tree, { turn })
    const { usage } = rig.log.state()
    rig.log.append([{ type: "turn.ended", outcome: { status: "succeeded" }, usage, turn, at: Date.now() }])
  }
  const ended = rig.log.state()
  const entries = [...rig.log.transcript]
  const model = entries[0]?.model ?? ""
  const ahead = readAhead(ended, model, fastPolicy(), entries)
  queueTurn(rig.log, "turn_3", "And now?")
  const state = foldEvents(ended, rig.log.log.slice(-1))
  return { entries, model, ahead, state }
}

const open = (state: TaskState, model: string, entries: Parameters<typeof openConversation>[3]) =>
  openConversation(state, "turn_3", model, entries)

test("a turn begins with the very items that were read ahead, and all that is said of them holds as if they were read anew", async () => {
  const { entries, model, ahead, state } = await readyForThird()
  const known = open(state, model, entries)
  const anew = open(structuredClone(state), model, structuredClone(entries))
  expect(known).toEqual(anew)
  expect(known.context.length).toBe(ahead.context.length)
  for (const [index, item] of ahead.context.entries()) expect(known.context[index]).toBe(item)
  const before = estimateTokens(known.context)
  for (const each of [known, anew]) each.context.push(userMessage("And now? ".repeat(100)))
  expect(estimateTokens(known.context)).toBe(estimateTokens(anew.context))
  expect(estimateTokens(known.context)).toBeGreaterThan(before + 200)
  for (const { context } of [known, anew]) {
    expect(shownIn(context)(file.path, file.text)).toBe(true)
    expect(shownIn(context)(file.path, "export const one = 2\n")).toBe(false)
  }
  // Those that were read ahead are as they were.
  expect(ahead.context.length).toBe(known.context.length - 1)
})

test("a turn that changed since it was read ahead is told as it is", async () => {
  const { entries, model, state } = await readyForThird()
  const turns = state.turns.map(turn => (turn.id === "turn_2" ? { ...turn, undone: true as const } : turn))
  const words = open({ ...state, turns }, model, entries).context.map(item => messageText(item, "user"))
  expect(words.some(text => text.includes("took back its last change"))).toBe(true)
})
