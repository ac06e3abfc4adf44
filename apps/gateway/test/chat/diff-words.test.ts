import { discordMarkup, slackMarkup } from "@twolane/chat"
import fc from "fast-check"
import { expect, test } from "vitest"
import { diffWords } from "../../src/chat/diff-words.ts"

const url = "https://twolane.example.com/tasks/x"
const file = (path: string, patch: string) => ({ path, change: "modified", added: 1, removed: 2, patch })
const json = (...files: ReturnType<typeof file>[]) => JSON.stringify({ files })

test("a change is its files and its patch, or says that there is none", () => {
  expect(diffWords(slackMarkup, json(), url)).toBe("There is no change yet.")
  expect(diffWords(slackMarkup, json(file("a.tsx", "-<b>\n+<i>\n")), url)).toBe(
    "`a.tsx` modified, +1 -2\n```\n-&lt;b&gt;\n+&lt;i&gt;\n\n```",
  )
})

test("however many files there are, and whatever is in them, it fits into one text, its code ends, and what is left out is said", () => {
  const line = fc.stringMatching(/^[a-z<>&`"_*😀]{0,60}$/u)
  const files = fc.array(
    fc.record({ path: fc.stringMatching(/^[a-z/<&]{1,200}$/), lines: fc.array(line, { maxLength: 60 }) }),
    { minLength: 1, maxLength: 30 },
  )
  fc.assert(
    fc.property(files, fc.constantFrom(slackMarkup, discordMarkup), (some, markup) => {
      const words = diffWords(
        markup,
        json(...some.map(({ path, lines }) => file(path, lines.join("\n")))),
        url,
      )
      expect(words.length).toBeLessThanOrEqual(markup.room.chars)
      expect(words.match(/```/g)).toHaveLength(2)
      const patch = some.map(({ lines }) => lines.join("\n")).join("")
      const whole = words.includes(markup.block(patch)) && !words.includes(" more file")
      expect(words.endsWith(markup.link(url, "The whole of it"))).toBe(!whole)
    }),
  )
})
