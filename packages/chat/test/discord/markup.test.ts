import fc from "fast-check"
import { expect, test } from "vitest"
import { fields } from "../../src/card/card.ts"
import { discordMessage } from "../../src/discord/message.ts"
import { cardOf, discordMarkup, text } from "../../src/index.ts"

test("foreign text rings nobody, links nowhere, and ends no code", () => {
  const hostile = "@everyone <@1> <#2> [click](https://evil.example) `x` ```\n**b** ||s|| \u202egnp"
  expect(discordMarkup.text(hostile)).toBe(
    "@\u200beveryone \\<@\u200b1\\> \\<\\#2\\> \\[click\\]\\(https://evil.example\\) \\`x\\` \\`\\`\\`\n\\*\\*b\\*\\* \\|\\|s\\|\\| gnp",
  )
  expect(discordMarkup.code("a`@here`\nb")).toBe("`aˋ@\u200bhereˋ b`")
})

test("whatever is said, a code block has one beginning and one end, and nobody is named", () => {
  const piece = fc.constantFrom("```", "`", "@", "everyone", "<@1>", "\n", "a", "\\")
  const pieces = fc.array(piece, { maxLength: 30 }).map(parts => parts.join(""))
  fc.assert(
    fc.property(pieces, said => {
      const block = discordMarkup.block(said)
      expect(block.split("```")).toHaveLength(3)
      expect(`${block} ${discordMarkup.text(said)}`).not.toMatch(/@everyone|<@\d/)
    }),
  )
})

test("a message has at most five buttons in a row, and says that it rings nobody", () => {
  const buttons = Array.from({ length: 6 }, (_, index) => ({
    type: "button" as const,
    id: "tl:cancel",
    label: `b${index}`,
    value: "x",
  }))
  const message = discordMessage(
    cardOf([text("x".repeat(9_000)), { type: "actions", children: buttons }]),
    "mark",
  )
  expect(message.components.map(({ components }) => components.length)).toEqual([5, 1])
  expect(message.allowed_mentions).toEqual({ parse: [] })
  expect(message.embeds[0]?.description).toHaveLength(4_096)
})

test("all texts of a message together are within Discord's limit, however long each is", () => {
  const values = { Outcome: "o".repeat(2_000), "Pull request": "p".repeat(2_000) }
  const [embed] = discordMessage(cardOf([text("x".repeat(9_000)), fields(values)]), "mark").embeds
  const shown = embed?.fields.map(({ name, value }) => name + value).join("") ?? ""
  expect(`${embed?.description}${shown}${embed?.footer.text}`).toHaveLength(6_000)
})
