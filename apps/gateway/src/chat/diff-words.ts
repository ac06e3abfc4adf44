import { type Markup, startOf } from "@twolane/chat"
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

/** Of a message's room so much is for the files' names, and the rest for their patch. */
const namesShare = 0.4

/** A change as a message: its files, and the beginning of its patch; it fits into one text of the platform's. */
export const diffWords = (markup: Markup, json: string, url: string | null): string => {
  const { files } = Diff.parse(JSON.parse(json))
  if (files.length === 0) return "There is no change yet."
  const { chars } = markup.room
  const listed: string[] = []
  let room = chars * namesShare
  for (const { path, change, added, removed } of files) {
    const line = `${markup.code(path)} ${change}, +${added} -${removed}`
    room -= line.length + 1
    if (room < 0) break
    listed.push(line)
  }
  const left = files.length - listed.length
  const more = left > 0 ? [`and ${left} more file${left === 1 ? "" : "s"}`] : []
  const whole = url === null ? "`twolane diff` shows the whole of it." : markup.link(url, "The whole of it")
  const around = [...listed, ...more, whole].join("\n").length + 1
  const patch = files.map(each => each.patch).join("")
  const { written, cut } = startOf(patch, text => markup.block(text), chars - around)
  return [...listed, ...more, written, ...(cut || left > 0 ? [whole] : [])].join("\n")
}
