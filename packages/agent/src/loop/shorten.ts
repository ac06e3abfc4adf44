import type { TranscriptItem } from "@twolane/protocol"
import { answeredCall, callsOf, estimateTokens } from "../items.ts"

/** Above this part of the window the context is shortened, down to `target` of it: one full resend, then room to go on. */
const threshold = 0.7
const target = 0.45
/** Items at the end that are never touched: the model is at work on them. */
const recent = 8

/** A shortened context, with what the event `context.shortened` says of it. */
export type Shortened = {
  context: TranscriptItem[]
  beforeTokens: number
  afterTokens: number
  dropped: number
}

/** Whether a context has to be shortened. */
export const isTooLong = (usedTokens: number, windowTokens: number): boolean =>
  usedTokens > windowTokens * threshold

/**
 * The context made to fit: null while it fits anyway. Old tool results go first, then whole old steps, a call always together with
 * its result. The first item (the task) and the newest ones stay.
 */
export const shorten = (
  context: readonly TranscriptItem[],
  usedTokens: number,
  windowTokens: number,
): Shortened | null => {
  if (!isTooLong(usedTokens, windowTokens)) return null
  const goal = windowTokens * target
  const emptied = dropOutputs(context, usedTokens, goal)
  const cut = emptied.tokens <= goal ? emptied : dropSteps(emptied, goal)
  return { context: cut.context, beforeTokens: usedTokens, afterTokens: cut.tokens, dropped: cut.dropped }
}

type Cut = { context: TranscriptItem[]; tokens: number; dropped: number }

const dropOutputs = (context: readonly TranscriptItem[], used: number, goal: number): Cut => {
  let tokens = used
  let dropped = 0
  const last = context.length - recent
  const shortened = context.map((item, index) => {
    if (tokens <= goal || index >= last || answeredCall(item) === undefined) return item
    const size = estimateTokens([item])
    if (size < 100) return item
    tokens -= size - 20
    dropped += 1
    return {
      ...item,
      output: "[This old output was left out to fit the context. Run the call again if you need it.]",
    }
  })
  return { context: shortened, tokens, dropped }
}

const dropSteps = (from: Cut, goal: number): Cut => {
  let { tokens, dropped } = from
  const last = from.context.length - recent
  const gone = new Set<string>()
  const context = from.context.filter((item, index) => {
    const answered = answeredCall(item)
    if (answered !== undefined && gone.has(answered)) {
      tokens -= estimateTokens([item])
      return false
    }
    if (tokens <= goal || index === 0 || index >= last || answered !== undefined) return true
    for (const call of callsOf([item])) gone.add(call.call)
    tokens -= estimateTokens([item])
    dropped += 1
    return false
  })
  return { context, tokens, dropped }
}
