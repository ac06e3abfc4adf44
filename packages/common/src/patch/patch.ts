/** One line of a hunk, without its mark. */
export type HunkLine = { kind: "context" | "add" | "remove"; text: string }

/** One edit of a file: where to look (`anchors`, outermost first), and the lines found and put there. */
export type Hunk = {
  anchors: string[]
  lines: HunkLine[]
  /** The hunk's old lines are the last ones of the file. */
  endOfFile: boolean
  /** Its first line in the patch, from 1. */
  line: number
}

/** What a section counts: its `+` and `-` lines. What a delete removes is not in the patch. */
type Counts = { added: number; removed: number }

/** What a patch says of one file. `line` is the section's header in the patch, from 1. */
export type Section = Counts & { path: string; line: number } & (
    | { type: "add"; lines: string[] }
    | { type: "delete" }
    | { type: "update"; to?: string; hunks: Hunk[] }
  )

/** A parsed V4A patch: its sections in the order in which they are applied. */
export type Patch = { sections: Section[] }

/** Why a patch was refused, in words for the model, and the line of the patch (from 1). */
export type PatchFailure = { reason: string; line: number }
