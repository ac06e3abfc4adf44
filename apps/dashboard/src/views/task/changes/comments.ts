import type { LineRef } from "./line-ref.ts"

/** A remark about a line, not sent yet. `key` names the line within its file's diff. */
export type Comment = LineRef & { key: string; words: string }

/** All remarks, as the next turn's prompt. The lines are quoted, so that they are found after the file has moved on. */
export const promptOf = (comments: readonly Comment[], more: string): string => {
  const parts = comments.map(({ path, side, line, text, words }) => {
    const where = `${path}:${line}${side === "old" ? " (before the change)" : ""}`
    return `${where}\n> ${text.trim()}\n${words.trim()}`
  })
  return [...(more.trim() === "" ? [] : [more.trim()]), ...parts].join("\n\n")
}

/** Whether two remarks are about one line. */
export const sameLine = (a: Pick<Comment, "path" | "key">, b: Pick<Comment, "path" | "key">): boolean =>
  a.path === b.path && a.key === b.key
