import { useEffect, useRef } from "react"
import { visibleName } from "../../../ui/visible.ts"
import type { Comment } from "./comments.ts"

/** A remark on a line, while it is written. It takes the focus: somebody has just clicked there, to write in it. */
export const CommentBox = ({
  comment,
  onChange,
}: {
  comment: Comment
  onChange: (words: string) => void
}) => {
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => field.current?.focus(), [])
  return (
    <div className="border-line border-y bg-surface p-2">
      <textarea
        ref={field}
        aria-label={`Comment on ${visibleName(comment.path)} line ${comment.line}`}
        placeholder="What should change here?"
        value={comment.words}
        rows={Math.min(8, comment.words.split("\n").length + 1)}
        onChange={event => onChange(event.target.value)}
        className="w-full max-w-[80ch] resize-y rounded-md border border-line-strong bg-transparent px-2.5 py-1.5 font-sans text-base"
      />
    </div>
  )
}
