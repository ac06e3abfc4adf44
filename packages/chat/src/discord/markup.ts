import { clean, oneLine } from "@twolane/common/clean"
import type { Markup } from "../card/markup.ts"

/**
 * Discord's markdown: every letter that begins something is escaped, and `@` stands apart from what follows it. That nobody is rung is settled
 * once more by `allowed_mentions`, which every message of ours carries.
 */
export const discordMarkup: Markup = {
  // Of a message's 4,096, beside its title.
  room: { chars: 3_300, texts: 1 },
  attaches: true,
  text: untrusted => apart(clean(untrusted).replace(/[\\*_~`|>#<[\]()-]/g, "\\$&")),
  code: untrusted => `\`${apart(oneLine(untrusted, 300).replaceAll("`", "ˋ"))}\``,
  block: untrusted => `\`\`\`\n${apart(clean(untrusted).replaceAll("```", "ˋˋˋ"))}\n\`\`\``,
  bold: written => `**${written}**`,
  time: at => `<t:${Math.floor(at / 1_000)}:f>`,
  link: (url, label) => `[${discordMarkup.text(oneLine(label, 200))}](${url})`,
}

const apart = (text: string): string => text.replaceAll("@", "@\u200b")
