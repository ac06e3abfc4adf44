import type { FileChange } from "@twolane/protocol"
import { memo, useMemo, useRef, useState } from "react"
import { parseDiff } from "react-diff-view"
import { useNear } from "../../../ui/use-near.ts"
import { visible, visibleName } from "../../../ui/visible.ts"
import { CommentBox } from "./comment-box.tsx"
import { type Comment, sameLine } from "./comments.ts"
import { type DiffLook, FileDiff, heightOf } from "./file-diff.tsx"
import type { LineRef } from "./line-ref.ts"

/** Files with more changed lines are closed until somebody opens them. */
const openUpToLines = 800

type ChangeFileProps = {
  file: FileChange & { patch: string }
  look: DiffLook
  comments: readonly Comment[]
  /** Null: the reader may not ask for more. */
  onComment: ((comment: Comment) => void) | null
}

/** One file of the change, with remarks below its lines. Its diff is made when it comes near to what is seen. */
export const ChangeFile = memo(({ file, look, comments, onComment }: ChangeFileProps) => {
  const [open, setOpen] = useState(file.added + file.removed <= openUpToLines)
  const section = useRef<HTMLElement>(null)
  const near = useNear(section)
  const parsed = useMemo(
    () => (near && open ? parseDiff(visible(file.patch), { nearbySequences: "zip" })[0] : undefined),
    [file.patch, near, open],
  )
  const onLine =
    onComment === null
      ? undefined
      : (line: LineRef, key: string) => onComment({ ...line, path: file.path, key, words: "" })
  const below = Object.fromEntries(
    comments.map(comment => [
      comment.key,
      <CommentBox
        key={comment.key}
        comment={comment}
        onChange={words => onComment?.({ ...comment, words })}
      />,
    ]),
  )
  return (
    <section
      ref={section}
      id={fileId(file.path)}
      aria-label={visibleName(file.path)}
      className="mb-4 rounded-lg border border-line bg-surface"
    >
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="sticky top-0 z-10 flex w-full min-w-0 items-baseline gap-3 rounded-t-lg border-line border-b bg-sunken px-3 py-1.5 text-left"
      >
        <span className="min-w-0 flex-1 truncate font-mono text-sm">
          {file.from !== undefined && <span className="text-faint">{visibleName(file.from)} → </span>}
          {visibleName(file.path)}
        </span>
        <span className="shrink-0 text-faint text-sm">{file.change}</span>
        <span className="shrink-0 font-mono text-sm tabular-nums">
          <span className="text-good">+{file.added}</span> <span className="text-bad">−{file.removed}</span>
        </span>
      </button>
      {open && parsed !== undefined && (
        <FileDiff file={parsed} look={look} below={below} {...(onLine && { onLine })} />
      )}
      {open && !near && (
        <div aria-hidden="true" style={{ height: heightOf(file.added + file.removed + 6) }} />
      )}
      {open && near && parsed === undefined && (
        <p className="px-3 py-2 text-muted text-sm">Nothing to show of this file.</p>
      )}
    </section>
  )
}, sameProps)

function sameProps(before: ChangeFileProps, after: ChangeFileProps): boolean {
  return (
    before.file === after.file &&
    before.look === after.look &&
    (before.onComment === null) === (after.onComment === null) &&
    before.comments.length === after.comments.length &&
    before.comments.every((comment, index) => {
      const other = after.comments[index]
      return other !== undefined && sameLine(comment, other) && comment.words === other.words
    })
  )
}

/** The id of a file's section, for the tree to go to. */
export const fileId = (path: string): string => `file-${encodeURIComponent(path)}`
