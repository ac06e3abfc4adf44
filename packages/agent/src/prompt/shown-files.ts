import type { TranscriptItem } from "@twolane/protocol"
import { messageText } from "../items.ts"

/** A file between marks that its own text cannot hold. */
export const shownFile = (path: string, text: string): string => {
  const fences = (text.match(/^`{3,}/gm) ?? []).map(({ length }) => length)
  const fence = "`".repeat(Math.max(2, ...fences) + 1)
  return `${path}:\n${fence}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}`
}

/** Whether the model has seen a file with exactly this text, and no other text of it since. */
export type WasShown = (path: string, text: string) => boolean

/** What a conversation shows, by its requests; nothing is remembered beside it, so that every worker finds the same. */
export const shownIn = (context: readonly TranscriptItem[]): WasShown => {
  const requests = context.map(item => messageText(item, "user")).filter(text => text.includes("\n```"))
  return (path, text) => {
    const last = requests.findLast(request => request.includes(`\n\n${path}:\n\`\`\``))
    return last?.includes(`\n\n${shownFile(path, text)}\n\n`) ?? false
  }
}
