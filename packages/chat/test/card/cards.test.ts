import type { Task, TaskEvent, Turn } from "@twolane/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { endOf } from "../../src/card/pieces.ts"
import {
  discordMarkup,
  endCard,
  type Fact,
  factsIn,
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
    pulls: false,
  }
}
const fact = (field: string, value: unknown): Fact => ({ field, json: JSON.stringify(value) })
const buttons = (card: { children: { type: string; children?: unknown }[] }) =>
  card.children
    .flatMap(part => (part.type === "actions" ? (part.children as { label: string }[]) : []))
    .map(({ label }) => label)
const textOf = (card: Parameters<typeof slackBlocks>[0]) => JSON.stringify(slackBlocks(card))

test("a candidate says that it is one, and that accepting it discards the others", () => {
  const one = { task: id, lane: "deep" as const }
  const group = { id: "group_1", candidates: [{ ...one, task: "task_other" }, one] }
  expect(textOf(statusCard(told({ group })))).toContain("· candidate 2 of 2")
  const end = (review: Task["review"]) =>
    textOf(
      endCard(
        told({ group, review, status: "succeeded", reviewHead: "c".repeat(40) }, [
          fact(`ended ${turnId}`, { status: "succeeded" }),
        ]),
        turnId,
      ),
    )
  expect(end("open")).toContain("candidate 2 of 2 for one request: accepting it discards the others")
  expect(end("accepted")).not.toContain("for one request")
  expect(textOf(statusCard(told()))).not.toContain("candidate")
})

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
      reviewHead: "5".repeat(40),
      tests: { status: "passed" },
      change: { files: 2, added: 10, removed: 3 },
    },
    [
      fact(`ended ${turnId}`, { status: "succeeded" }),
      fact(`whole ${turnId}`, "Mended the race."),
      fact("pullRequest", "https://github.com/a/b/pull/7"),
    ],
  )
  const card = endCard(ended, turnId)
  expect(buttons(card)).toEqual(["Show diff", "Accept", "Open"])
  const withoutPull = { ...ended, pulls: true, facts: { ...ended.facts, pullRequest: undefined } }
  expect(buttons(endCard(withoutPull, turnId))).toEqual(["Show diff", "Accept", "Open pull request", "Open"])
  expect(buttons(endCard({ ...ended, pulls: true }, turnId))).toEqual(["Show diff", "Accept", "Open"])
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

test("what a turn said stays in its message when a later turn has said something else", () => {
  const later = "turn_0000000000000000000000000b"
  const done: TaskEvent[] = [turnId, later].map((turn, index) => ({
    id: `1-${index + 1}`,
    task: id,
    turn,
    attempt: 1,
    at: 1,
    type: "message.done",
    text: `Said in ${index === 0 ? "the first" : "the second"} turn.`,
  }))
  const both = told({ status: "succeeded" }, done.flatMap(factsIn))
  expect(textOf(endCard(both, turnId))).toContain("Said in the first turn.")
  expect(textOf(endCard(both, later))).toContain("Said in the second turn.")
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
      told({ status: "failed" }, [fact(`whole ${turnId}`, hostile), fact("pullRequest", hostile)]),
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

test("while a turn runs, what is being said stands in the message until an event ends it, and an older attempt's never does", () => {
  const live = fact("live", { text: "I am looking", after: "2-5" })
  const said = fact("said", { text: "I looked", turn: turnId })
  const shown = (...facts: Fact[]) => textOf(statusCard(told({}, facts)))
  expect(shown(live)).toContain("I am looking")
  expect(shown(live, fact("heard", "2-5"))).toContain("I am looking")
  expect(shown(live, said, fact("heard", "2-6"))).toContain("I looked")
  expect(shown(live, said, fact("heard", "2-6"))).not.toContain("I am looking")
  expect(shown(live, fact("heard", "3-1"))).not.toContain("I am looking")
  expect(textOf(statusCard(told({ status: "succeeded" }, [live])))).not.toContain("I am looking")
})

test("the end of what was said fits into its platform's texts, whole where it can", () => {
  const line = fc.stringMatching(/^[a-z&<>*` ]{0,80}$/)
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 120 }),
      fc.constantFrom(slackMarkup, discordMarkup),
      (lines, markup) => {
        const text = lines.join("\n").trim()
        const room = { chars: 400, texts: 3 }
        const { texts, cut } = endOf(text, markup, room)
        expect(texts.length).toBeLessThanOrEqual(room.texts)
        expect(texts.filter(each => each.length > room.chars)).toEqual([])
        const squeeze = (value: string) => value.replace(/\s/g, "")
        const all = squeeze(texts.join("").replace(/^…/, ""))
        expect(squeeze(markup.text(text)).endsWith(all)).toBe(true)
        expect(cut).toBe(all.length < squeeze(markup.text(text)).length)
      },
    ),
  )
})
