import type { Markup } from "@twolane/chat"
import { z } from "zod"

const Diff = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      change: z.string(),
      added: z.number(),
      removed: z.number(),
      patch: z.string(),
    }),
  ),
})

const mostFiles = 20
const mostPatchChars = 2_000

/** A change as a message: its files, and the beginning of its patch. */
export const diffWords = (markup: Markup, json: string, url: string | null): string => {
  const { files } = Diff.parse(JSON.parse(json))
  if (files.length === 0) return "There is no change yet."
  const listed = files
    .slice(0, mostFiles)
    .map(({ path, change, added, removed }) => `${markup.code(path)} ${change}, +${added} -${removed}`)
  const more = files.length > mostFiles ? [`and ${files.length - mostFiles} more files`] : []
  const patch = files.map(each => each.patch).join("")
  const cut = patch.length > mostPatchChars
  const whole = url === null ? "twolane diff shows the whole of it." : markup.link(url, "The whole of it")
  return [
    ...listed,
    ...more,
    markup.block(cut ? `${patch.slice(0, mostPatchChars)}…` : patch),
    ...(cut ? [whole] : []),
  ].join("\n")
}
