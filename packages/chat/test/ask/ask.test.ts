import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { readAsk as readAskAt, readReply, takeCandidate } from "../../src/index.ts"

const now = Date.UTC(2026, 10, 28, 9, 30)
const readAsk = (text: string, channel: { repo?: string } = {}) => readAskAt(text, { ...channel, now })
const task = "task_01m8gs560000000000000000ab"
const race = [{ lane: "fast" }, { lane: "deep" }]

const prompt = "fix the flaky login test"

describe("an order", () => {
  test.each([
    [`in api: ${prompt}`, { repo: "api", prompt }],
    [`in the repo api: ${prompt}`, { repo: "api", prompt }],
    [`in \`api\`: ${prompt}`, { repo: "api", prompt }],
    [`fast in api: ${prompt}`, { repo: "api", lane: "fast", prompt }],
    [`in api, fast: ${prompt}`, { repo: "api", lane: "fast", prompt }],
    [`deep lane in api: ${prompt}`, { repo: "api", lane: "deep", prompt }],
    [`in api and the deep lane: ${prompt}`, { repo: "api", lane: "deep", prompt }],
    [`--fast --repo api ${prompt}`, { repo: "api", lane: "fast", prompt }],
    [`—fast –repo=api ${prompt}`, { repo: "api", lane: "fast", prompt }],
    [`in api: --base release/2 ${prompt}`, { repo: "api", base: "release/2", prompt }],
    [`in api: --pr ${prompt}`, { repo: "api", pull: true, prompt }],
    [`in api: ${prompt} --deep`, { repo: "api", lane: "deep", prompt }],
    [`in api: ${prompt}\n—fast`, { repo: "api", lane: "fast", prompt }],
    [`in api, 3 candidates: ${prompt}`, { repo: "api", candidates: 3, prompt }],
    [`deep in api and 2 candidates: ${prompt}`, { repo: "api", lane: "deep", candidates: 2, prompt }],
    [`a race in api: ${prompt}`, { repo: "api", candidates: race, prompt }],
    [`in api: --race ${prompt}`, { repo: "api", candidates: race, prompt }],
    [`in api: --candidates 4 ${prompt}`, { repo: "api", candidates: 4, prompt }],
    [
      `in api: --candidates one,other ${prompt}`,
      { repo: "api", candidates: [{ model: "one" }, { model: "other" }], prompt },
    ],
    [`in api: --after ${task} ${prompt}`, { repo: "api", after: [task], prompt }],
    [`in api: --after https://t.example.com/tasks/${task} ${prompt}`, { repo: "api", after: [task], prompt }],
    [`in api: --start-by 2h ${prompt}`, { repo: "api", startBy: now + 7_200_000, prompt }],
    [
      `in api: —not-before 22:30+01:00 —start-by=2026-11-29T06:00Z ${prompt}`,
      {
        repo: "api",
        notBefore: Date.UTC(2026, 10, 28, 21, 30),
        startBy: Date.UTC(2026, 10, 29, 6),
        prompt,
      },
    ],
    ["in api: -- --watch must work", { repo: "api", prompt: "--watch must work" }],
    ["in api: make `npm test --watch` work", { repo: "api", prompt: "make `npm test --watch` work" }],
    [
      "in api: see https://example.com/a: it fails",
      { repo: "api", prompt: "see https://example.com/a: it fails" },
    ],
  ])("%s", (text, expected) => {
    expect(readAsk(text)).toEqual({ kind: "task", ...expected })
  })

  test.each([
    [prompt],
    ["in the login page: the button is grey"],
    ["note: in api this is slow"],
    ["https://example.com/x: is broken"],
    ["race: two writers lose a note"],
    ["the 3 candidates: compare them"],
    ["link the pages to each other"],
    ["help me with the tests"],
  ])("“%s” is a prompt as a whole, in the channel's repo", text => {
    expect(readAsk(text, { repo: "shop" })).toEqual({ kind: "task", repo: "shop", prompt: text })
  })

  test("a repo that is named counts more than the channel's", () => {
    expect(readAsk(`in api: ${prompt}`, { repo: "shop" })).toMatchObject({ repo: "api" })
  })

  test.each([
    [prompt, "It does not say in which repo, and this channel has none of its own.", { prompt }],
    ["in api:", "It does not say what to do.", { repo: "api" }],
    ["fast: ", "It does not say what to do.", { lane: "fast" }],
    [`fast: --deep ${prompt}`, "It says both fast and deep: which lane shall it be?", { lane: "fast" }],
    [`in a: --repo b ${prompt}`, "It says both a and b: which repo shall it be?", { repo: "a" }],
    [
      `--slow ${prompt}`,
      "I know no switch --slow: there are --fast, --deep, --pr, --repo NAME, --base BRANCH, --candidates NUMBER, --race, --after TASK, --not-before TIME and --start-by TIME.",
      {},
    ],
    ["--repo", "--repo needs a value, such as --repo api.", {}],
    [
      "in api: --start-by 22:30 do it",
      "“22:30” is no time for --start-by: it needs one such as 2h, 22:30Z or 2026-12-24T18:00+01:00. I do not know your time zone, so it must be said.",
      { repo: "api" },
    ],
    [
      "in api: --not-before tomorrow do it",
      "“tomorrow” is no time for --not-before: it needs one such as 2h, 22:30Z or 2026-12-24T18:00+01:00.",
      { repo: "api" },
    ],
    [
      "in api: --after the-other do it",
      "“the-other” is no task: --after needs a task's id, or the link to its page.",
      { repo: "api" },
    ],
    [
      "in api, 9 candidates: do it",
      "There can be 2 to 5 candidates: a number, or so many models with commas between, such as --candidates 3.",
      {},
    ],
    [
      "in api, 3 candidates: --race do it",
      "It says both 3 candidates and a race: which of them shall it be?",
      { repo: "api", candidates: 3 },
    ],
    ["In API-2: do it", "“API-2” cannot be the name of a repo.", { repo: "API-2", prompt: "do it" }],
    ["in ../x: do it", "“../x” cannot be the name of a repo.", { repo: "../x", prompt: "do it" }],
    ["link", "link needs the code that `twolane chat code` shows.", {}],
    ["link x!", "link needs the code that `twolane chat code` shows.", {}],
  ])("“%s” is answered with what is missing and what was understood", (text, problem, understood) => {
    expect(readAsk(text)).toEqual({ kind: "unclear", problem, understood })
  })

  test("commands stand alone", () => {
    expect([" ", "help", "?", "WhoAmI", "unlink", "link 0ABC-1234-efgh"].map(text => readAsk(text))).toEqual([
      { kind: "help" },
      { kind: "help" },
      { kind: "help" },
      { kind: "whoami" },
      { kind: "unlink" },
      { kind: "link", code: "0abc-1234-efgh" },
    ])
  })

  test("no text throws, and what is a task has a prompt and a repo", () => {
    const words = fc.constantFrom(
      "in ",
      "api",
      ":",
      "fast",
      "deep lane",
      ",",
      "--fast",
      "--repo ",
      "—base ",
      "3 candidates",
      "a race",
      "--start-by ",
      "22:30Z",
      "--after ",
      "--candidates ",
      "--",
      "\n",
      "fix it",
      " ",
    )
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(words).map(parts => parts.join("")),
    )
    fc.assert(
      fc.property(texts, text => {
        const ask = readAsk(text, { repo: "shop" })
        expect(ask.kind === "task" && (ask.prompt.trim() === "" || ask.repo === "")).toBe(false)
        readReply(text)
      }),
      { numRuns: 500 },
    )
  })
})

describe("a reply", () => {
  test.each([
    ["use the other helper", { kind: "note", prompt: "use the other helper" }],
    ["deep: now all of them", { kind: "note", lane: "deep", prompt: "now all of them" }],
    ["now all of them --deep", { kind: "note", lane: "deep", prompt: "now all of them" }],
    ["in api: it is called twice", { kind: "note", prompt: "in api: it is called twice" }],
    ["--watch must work", { kind: "note", prompt: "--watch must work" }],
    ["// lunch?", { kind: "aside" }],
    ["3 candidates: show both", { kind: "note", prompt: "3 candidates: show both" }],
    ["fast:", { kind: "unclear", problem: "It does not say what to do." }],
    [
      "--deep --candidates 3 now all of them",
      {
        kind: "unclear",
        problem: "In a task's thread a message can name a lane alone: the other switches are for a new task.",
      },
    ],
  ])("“%s”", (text, expected) => {
    expect(readReply(text)).toEqual(expected)
  })
})

test("in a thread of candidates a reply may name one of them", () => {
  expect([
    takeCandidate("candidate 2: use the other helper"),
    takeCandidate("For candidate 12, go on"),
    takeCandidate("the candidate 2: is better"),
  ]).toEqual([
    { candidate: 2, rest: "use the other helper" },
    { candidate: 12, rest: "go on" },
    { rest: "the candidate 2: is better" },
  ])
})
