import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { readAsk, readReply } from "../../src/index.ts"

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
      "I know no switch --slow: there are --fast, --deep, --pr, --repo NAME and --base BRANCH.",
      {},
    ],
    ["--repo", "--repo needs a value, such as --repo api.", {}],
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
    ["fast:", { kind: "unclear", problem: "It does not say what to do." }],
  ])("“%s”", (text, expected) => {
    expect(readReply(text)).toEqual(expected)
  })
})
