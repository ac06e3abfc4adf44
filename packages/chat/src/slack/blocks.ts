import { cardToSlackBlocks, cardToSlackFallbackText, type SlackBlock } from "@chat-adapter/slack/blocks"
import type { Card } from "../card/card.ts"

/** Longer ones are refused by Slack. */
const maxTextChars = 3_000

/** A card as Slack's blocks, and as the text that notifications show. */
export const slackBlocks = (card: Card): { blocks: unknown[]; text: string } => ({
  blocks: cardToSlackBlocks(card).map(dressed),
  text: cardToSlackFallbackText({
    ...card,
    children: card.children.filter(({ type }) => type === "text"),
  }).slice(0, maxTextChars),
})

/** Slack links names of people and channels in a text by itself, unless it is verbatim. */
const verbatim = (part: unknown): unknown =>
  isRecord(part) && part.type === "mrkdwn" ? { ...part, verbatim: true } : part

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const dressed = (block: SlackBlock): Record<string, unknown> => {
  const { text, fields, elements } = block
  return {
    ...block,
    ...(text === undefined ? {} : { text: verbatim(text) }),
    ...(Array.isArray(fields) ? { fields: fields.map(verbatim) } : {}),
    ...(Array.isArray(elements) ? { elements: elements.map(each => confirming(verbatim(each))) } : {}),
  }
}

/** What a slip of the finger must not do is asked once more. */
const confirming = (element: unknown): unknown => {
  if (!isRecord(element)) return element
  const question = typeof element.action_id === "string" ? questions[element.action_id] : undefined
  if (question === undefined) return element
  const plain = (text: string) => ({ type: "plain_text", text })
  const [title, text, confirm] = question
  const dialog = { title: plain(title), text: plain(text), confirm: plain(confirm), deny: plain("Back") }
  return { ...element, confirm: dialog }
}

const questions: Readonly<Record<string, readonly [string, string, string] | undefined>> = {
  "tl:cancel": ["Cancel the task?", "What it did so far is kept; it does not go on.", "Cancel it"],
  "tl:cancel-all": ["Cancel all candidates?", "What they did so far is kept; none goes on.", "Cancel all"],
  "tl:pull-request": ["Open a pull request?", "Its branch is pushed to the repo for it.", "Open it"],
  "tl:accept": ["Accept the change?", "Its branch is pushed to the repo.", "Accept"],
}
