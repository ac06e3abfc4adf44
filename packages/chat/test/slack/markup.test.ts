import fc from "fast-check"
import { expect, test } from "vitest"
import { cardOf, slackMarkup, text } from "../../src/index.ts"
import { slackBlocks } from "../../src/slack/blocks.ts"

/** What Slack acts on: `<!channel>`, `<@U1>`, `<#C1>`, `<!date^…>`, `<https://…|other words>`. */
const acts = /<[!@#]|<https?:/

test("foreign text rings nobody, links nowhere under other words, and ends no code", () => {
  const hostile =
    "<!channel> <@U1> <#C1> <https://evil.example|https://good.example> & ``` \u202egnp \u001b[2J"
  expect(slackMarkup.text(hostile)).toBe(
    "&lt;!channel&gt; &lt;@U1&gt; &lt;#C1&gt; &lt;https://evil.example|https://good.example&gt; &amp; ˋˋˋ gnp ",
  )
  expect(slackMarkup.code("a`<!here>`\nb")).toBe("`aˋ&lt;!here&gt;ˋ b`")
  expect(slackMarkup.link("https://ours.example/t", "a|b> <!channel>")).toBe(
    "<https://ours.example/t|a¦b&gt; &lt;!channel&gt;>",
  )
})

test("whatever is said, a code block has one beginning and one end, and nothing of it acts", () => {
  const piece = fc.constantFrom(
    "```",
    "`",
    "<",
    ">",
    "!channel",
    "@U1",
    "|",
    "&lt;",
    "https://x",
    "\n",
    "a",
    "\u001b]8;;",
  )
  const pieces = fc.array(piece, { maxLength: 30 }).map(parts => parts.join(""))
  fc.assert(
    fc.property(pieces, said => {
      expect(slackMarkup.block(said).split("```")).toHaveLength(3)
      expect(slackMarkup.code(said).split("`")).toHaveLength(3)
      for (const written of [slackMarkup.text(said), slackMarkup.code(said), slackMarkup.block(said)]) {
        expect(written).not.toMatch(acts)
        expect(written).not.toContain("\u001b")
      }
    }),
  )
})

test("each text of a message is verbatim, so that Slack makes no links or mentions of its own from @channel", () => {
  const card = cardOf([text(slackMarkup.text("@channel #general www.evil.example"))])
  const { blocks } = slackBlocks(card)
  const texts = JSON.stringify(blocks).match(/\{[^{}]*"type":"mrkdwn"[^{}]*\}/g) ?? []
  expect(texts.length).toBeGreaterThan(0)
  expect(texts.filter(each => !each.includes('"verbatim":true'))).toEqual([])
})
