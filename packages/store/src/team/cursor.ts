import { Fault } from "@twolane/protocol"
import { z } from "zod"

const Cursor = z.strictObject({
  /** What list it belongs to, with its filter: a cursor of another list is refused. */
  of: z.string(),
  last: z.string().max(200),
  /** How many were looked at so far. */
  seen: z.number().int().nonnegative(),
})
type Cursor = z.infer<typeof Cursor>

/** A place in a list, as an opaque text. */
export const encodeCursor = (cursor: Cursor): string =>
  Buffer.from(JSON.stringify(cursor)).toString("base64url")

/** Reads a cursor of this very list; none is its start. @throws Fault bad-cursor. */
export const decodeCursor = (of: string, text: string | undefined): Cursor => {
  if (text === undefined) return { of, last: "", seen: 0 }
  const cursor = Cursor.safeParse(parse(text))
  if (!cursor.success || cursor.data.of !== of)
    throw new Fault("bad-cursor", "the cursor is not one of this list")
  return cursor.data
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"))
  } catch {
    // Not JSON, so not ours: the schema refuses it.
    return null
  }
}
