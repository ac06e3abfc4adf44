import type { TestOutcome } from "./outcome.ts"

const maxChars = 16_000
const maxMessageChars = 1_500
const maxTailChars = 6_000
const maxShown = 20

/** What helps to mend a red result: what failed and why first, then the end of the output. Capped. */
export function helpfulOutput(outcome: TestOutcome): string {
  const failures = outcome.failures
    .slice(0, maxShown)
    .map(({ name, message }) => `✖ ${name}\n${clipEnd(message.trim())}`.trim())
  const more = outcome.failures.length - failures.length
  if (more > 0) failures.push(`and ${more} more failing:\n${namesOf(outcome, maxShown)}`)
  const head = clip(failures.join("\n\n"), maxChars - maxTailChars)
  const tail = lastLines(outcome.output.trim(), head === "" ? maxChars : maxTailChars)
  if (head === "") return tail
  return tail === "" ? head : `${head}\n\n--- the end of the output ---\n${tail}`
}

const namesOf = (outcome: TestOutcome, from: number): string =>
  outcome.failures
    .slice(from, from + 100)
    .map(({ name }) => `✖ ${name}`)
    .join("\n")

const clip = (text: string, chars: number): string =>
  text.length > chars ? `${text.slice(0, chars)}\n…` : text

/** A message's beginning says what is wrong, its end often where. */
function clipEnd(message: string): string {
  if (message.length <= maxMessageChars) return message
  const half = maxMessageChars / 2
  return `${message.slice(0, half)}\n…\n${message.slice(-half)}`
}

function lastLines(text: string, chars: number): string {
  if (text.length <= chars) return text
  const tail = text.slice(-chars)
  return `…\n${tail.slice(tail.indexOf("\n") + 1)}`
}
