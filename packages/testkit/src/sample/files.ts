import { sample } from "@twolane/protocol"
import type { RepoFiles } from "../repo.ts"

/** The sentence by which the sample's script knows its repository: it stands in AGENTS.md, which prompts carry. */
export const sampleMark = "This is the sample repository of Twolane."

/** The file that is wrong, and how: minutes and hours are in seconds where all else is in milliseconds. */
export const sampleSource = "src/duration.js"

/** The files of the sample repository: plain JavaScript without a dependency, and two tests that fail. */
export const sampleFiles: RepoFiles = {
  "README.md": `# Durations

A tiny library that reads durations such as \`1h 30m\`. It comes with Twolane, so that there is something to try.

Its tests do not all pass. Let the deep lane mend that:

    npx twolane run -r ${sample.repo} "${sample.prompt}"

Without a model configured, a simulated one answers: a script that reads these files, patches them, and reads the
test results. Set OPENAI_API_KEY (or OPENAI_BASE_URL) to let a real model work on your own repositories.
`,
  "AGENTS.md": `${sampleMark}

- Sources are in src/, tests in test/. Run the tests with \`node --test\`.
- No dependencies.
`,
  "package.json": `{
  "name": "durations",
  "version": "1.0.0",
  "private": true,
  "type": "module",
  "scripts": {
    "test": "node --test"
  }
}
`,
  "twolane.yaml": `# How Twolane works on this repository; see the guide for all that can be set.
test:
  all: node --test
  targeted: node --test
`,
  [sampleSource]: `/** How long each unit is. */
const units = {
  s: 1000,
  m: 60,
  h: 3600,
}

/** Reads a duration such as "1h 30m" and answers milliseconds. */
export const parseDuration = text => {
  const parts = [...text.matchAll(/(\\d+)\\s*([smh])/g)]
  if (parts.length === 0) throw new Error(\`not a duration: \${text}\`)
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit], 0)
}
`,
  "test/duration.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { parseDuration } from "../src/duration.js"

test("seconds", () => {
  assert.equal(parseDuration("90s"), 90_000)
})

test("minutes", () => {
  assert.equal(parseDuration("2m"), 120_000)
})

test("hours and minutes", () => {
  assert.equal(parseDuration("1h 30m"), 5_400_000)
})

test("what is no duration is refused", () => {
  assert.throws(() => parseDuration("soon"), /not a duration/)
})
`,
}
