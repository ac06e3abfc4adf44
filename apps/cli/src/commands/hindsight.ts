import type { HindsightQuery } from "@twolane/client"
import { oneLine } from "@twolane/common/clean"
import type { Hindsight } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"

/** `twolane hindsight`: which lane past tasks should have taken; `other`: only those that took the other one. */
export const hindsightCommand = async (
  { client, output, signal }: Context,
  query: HindsightQuery,
  other: boolean,
): Promise<number> => {
  const { items, nextCursor } = await client.hindsight(query, { signal })
  const misplaced = items.filter(({ took, should }) => took !== should)
  const shown = other ? misplaced : items
  output.value({ items: shown, nextCursor })
  if (items.length === 0) output.line("No task has ended so.")
  else output.line(`${misplaced.length} of ${items.length} would have been better off in the other lane.`)
  for (const seen of shown) output.line(hindsightWords(seen))
  if (nextCursor !== null) output.line(`More: add --cursor ${nextCursor}`)
  return exitCodes.succeeded
}

/** One line about a past task. */
export const hindsightWords = ({ task, title, took, should, reasons }: Hindsight): string => {
  const lane = took === should ? took : `${took} → ${should}`
  const why = reasons.map(({ detail, speaksFor }) => `${speaksFor}: ${oneLine(detail, 100)}`).join("; ")
  return `${task}  ${lane}  ${oneLine(title, 60)}${why === "" ? "" : `  (${why})`}`
}
