import { escapeSlackText } from "@chat-adapter/slack/format"
import { clean, oneLine } from "@twolane/common/clean"
import type { Markup } from "../card/markup.ts"

/**
 * Slack's mrkdwn. Mentions, links and dates all begin with `<`, which is escaped; names that Slack would link by itself stay words, since our
 * texts are `verbatim` (see `blocks.ts`).
 */
export const slackMarkup: Markup = {
  room: { chars: 2_900, texts: 4 },
  attaches: false,
  text: untrusted => escapeSlackText(clean(untrusted).replaceAll("```", "ˋˋˋ")),
  code: untrusted => `\`${escapeSlackText(oneLine(untrusted, 300).replaceAll("`", "ˋ"))}\``,
  block: untrusted => `\`\`\`\n${escapeSlackText(clean(untrusted).replaceAll("```", "ˋˋˋ"))}\n\`\`\``,
  bold: written => `*${written}*`,
  time: at =>
    `<!date^${Math.floor(at / 1_000)}^{date_short_pretty} {time}|${new Date(at).toISOString().slice(0, 16)}Z>`,
  link: (url, label) => `<${url}|${escapeSlackText(oneLine(label, 200)).replaceAll("|", "¦")}>`,
}
