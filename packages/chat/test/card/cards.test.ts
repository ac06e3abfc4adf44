import type { Task, Turn } from "@twolane/protocol"
import { expect, test } from "vitest"
import {
  endCard,
  type Fact,
  gateCard,
  readFacts,
  slackMarkup,
  statusCard,
  type Told,
} from "../../src/index.ts"
import { slackBlocks } from "../../src/slack/blocks.ts"

const id = "task_0000000000000000000000000a"
const turnId = "turn_0000000000000000000000000a"
const gateId = "gate_0000000000000000000000000a"
const hostile = "<!channel> <@U1> </script> `x` ```\n*b* <https://evil.example|click> & \u202egnp\u001b[31m"
const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, costUsd: 0.5, steps: 2 }

const told = (more: Partial<Task> = {}, facts: Fact[] = []): Told => {
  const status = more.status ?? "running"
  const turn: Turn = { id: turnId, lane: "deep", status, prompt: "p", attempts: 1, queuedAt: 1, usage }
  const task = {
    id,
    repo: "shop",
    lane: "deep",
    status,
    title: hostile,
    by: { key: "key_1", name: hostile },
    turns: [turn],
    gates: [],
    review: "none",
    usage,
    ...more,
  } as unknown as Task
  return {
    task,
    facts: readFacts(Object.fromEntries(facts.map(({ field, json }) => [field, json]))),
    url: "https://twolane.example.com/tasks/x",
    markup: slackMarkup,
  }
}
const fact = (field: string, value: unknown): Fact => ({ field, json: JSON.stringify(value) })
const buttons = (card: { children: { type: string; children?: unknown }[] }) =>
  card.children
    .flatMap(part => (part.type === "actions" ? (part.children as { label: string }[]) : []))
    .map(({ label }) => label)
const textOf = (card: Parameters<typeof slackBlocks>[0]) => JSON.stringify(slackBlocks(card))

test("a running task can be steered, interrupted, handed off and cancelled; a queued one says why it waits", () => {
  expect(buttons(statusCard(told()))).toEqual(["Steer", "Interrupt", "Hand to fast", "Cancel", "Open"])
  const queued = statusCard(
    told({ status: "queued", queue: { position: 3, reason: "all slots are taken", etaMs: 120_000 } }),
  )
  expect(buttons(queued)).toEqual(["Cancel", "Open"])
  expect(textOf(queued)).toContain("Queued, number 3, starts in about 2 min 0 s: all slots are taken")
})

test("an end has the outcome, what was said, the tests, the change and the pull request, and can be accepted", () => {
  const ended = told(
    {
      status: "succeeded",
      review: "open",
      tests: { status: "passed" },
      change: { files: 2, added: 10, removed: 3 },
    },
    [
      fact(`ended ${turnId}`, { status: "succeeded" }),
      fact("said", { text: "Mended the race.", turn: turnId }),
      fact("pullRequest", "https://github.com/a/b/pull/7"),
    ],
  )
  const card = endCard(ended, turnId)
  expect(buttons(card)).toEqual(["Show diff", "Accept", "Open"])
  const text = textOf(card)
  for (const part of [
    "Mended the race.",
    "✅ passed",
    "2 files, +10 -3",
    "$0.5000, 2 steps",
    "<https://github.com/a/b/pull/7|",
  ])
    expect(text).toContain(part)
})

test("no test that ran is not green", () => {
  const text = textOf(statusCard(told({ status: "succeeded", tests: { status: "none_selected" } })))
  expect(text).toContain("none ran")
  expect(text).not.toContain("✅")
})

test("a question has its answers as buttons until it was decided, and says by whom", () => {
  const opened = fact(`gate ${gateId}`, { kind: "command", detail: "npm publish" })
  const open = gateCard(told({}, [opened]), gateId)
  expect(buttons(open)).toEqual(["Allow", "Deny", "Open"])
  expect(textOf(open)).toContain("Members and admins of the team may decide")
  const decided = gateCard(
    told({}, [fact(`decided ${gateId}`, { decision: "deny", by: "Ann" }), opened]),
    gateId,
  )
  expect(buttons(decided)).toEqual([])
  expect(textOf(decided)).toContain("Ann said deny.")
})

test("a question that cannot be shown whole is not decided here", () => {
  const long = gateCard(
    told({}, [fact(`gate ${gateId}`, { kind: "command", detail: "&".repeat(1_000) })]),
    gateId,
  )
  expect(buttons(long)).toEqual(["Read and decide"])
})

test("foreign text rings nobody, links nowhere, and ends no code", () => {
  const cards = [
    statusCard(told({}, [fact("said", { text: hostile, turn: turnId }), fact("doing", hostile)])),
    endCard(
      told({ status: "failed" }, [
        fact("said", { text: hostile, turn: turnId }),
        fact("pullRequest", hostile),
      ]),
      turnId,
    ),
    gateCard(told({}, [fact(`gate ${gateId}`, { kind: "command", detail: hostile })]), gateId),
  ]
  for (const card of cards) {
    const text = textOf(card)
    expect(text).not.toMatch(/<[!@]|<https:..evil|\u202e|\\u001b/)
    for (const part of text.match(/"type":"mrkdwn"[^}]*/g) ?? []) expect(part).toContain('"verbatim":true')
  }
})
