export { helpWords, unclearWords, unlinkedWords } from "./ask/answers.ts"
export { type Ask, type Reply, readAsk, readReply } from "./ask/ask.ts"
export { type Card, type Click, cardOf, readClick, small, text, type Verb } from "./card/card.ts"
export { endCard, gateCard, statusCard } from "./card/cards.ts"
export { type Fact, factsIn, readFacts } from "./card/facts.ts"
export type { Markup } from "./card/markup.ts"
export type { Told } from "./card/words.ts"
export { discordMarkup } from "./discord/markup.ts"
export {
  askDiscordWho,
  type DiscordAccess,
  discordPoster,
  openDiscordThread,
  registerDiscordCommand,
} from "./discord/poster.ts"
export { type DiscordRead, readDiscord } from "./discord/read.ts"
export type { Aside, Incoming, Person, Place, Platform } from "./incoming.ts"
export type { Found, Post, Posted, Poster } from "./posting.ts"
export type { SlackAccess } from "./slack/call.ts"
export { slackMarkup } from "./slack/markup.ts"
export { askSlackWho, openNoteForm, slackPoster } from "./slack/poster.ts"
export { readChallenge, readSlack } from "./slack/read.ts"
