import { expect, test } from "vitest"
import { packetInWords } from "../../src/prompt/packet.ts"

const nothing = {
  base: null,
  checkpoint: null,
  diff: "",
  filesRead: [],
  tried: [],
  tests: null,
  trips: [],
  steering: [],
  openQuestions: [],
  missing: [],
}

test("a packet of nothing is one sentence", () => {
  expect(packetInWords(nothing, "fast")).toBe(
    "This task was handed over from the fast lane. Nothing was changed yet.",
  )
})

test("a packet says everything that it holds", () => {
  const text = packetInWords(
    {
      ...nothing,
      checkpoint: "c",
      diff: "diff --git a b\n",
      filesRead: ["a.js"],
      tried: [{ what: "patched a.js", result: "tests failed, 2 failing" }],
      tests: { status: "failed", command: "npm test", output: "not ok 1\n" },
      trips: [{ rule: "scope", detail: "x" }],
      steering: ["Only a.js."],
      openQuestions: ["Which one?"],
      missing: ["10 earlier attempts"],
    },
    "fast",
  )
  expect(
    text,
  ).toBe(`This task was handed over from the fast lane. The workspace holds what was done so far; go on from there, and keep of it what is right.

What was tried, and how it went:
- patched a.js → tests failed, 2 failing

The tests said last (npm test): failed
not ok 1

Guardrails that stopped something:
- scope: x

What the person said on the way:
- Only a.js.

Open questions:
- Which one?

Files that were read: a.js.

The patches so far, oldest first:
diff --git a b

What could not be handed over:
- 10 earlier attempts`)
})
