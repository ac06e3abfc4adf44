import { type ReactNode, useMemo } from "react"
import { type ChangeData, Diff, type FileData, getChangeKey, Hunk } from "react-diff-view"
import "react-diff-view/style/index.css"
import "./diff.css"
import { tokensOf } from "./highlight.ts"
import { lineNumber } from "./line-number.tsx"
import type { LineRef } from "./line-ref.ts"

/** How two sides stand: one under the other, or beside each other. */
export type DiffLook = "unified" | "split"

type FileDiffProps = {
  file: FileData
  look?: DiffLook
  /** What stands below some lines, by the key of the line (`lineKey`). */
  below?: Record<string, ReactNode>
  /** A click on a line's number; without it numbers do nothing. */
  onLine?: (line: LineRef, key: string) => void
}

/** About how high a diff of so many lines stands, before it is made. */
export const heightOf = (lines: number): number => lines * 18

/** Where a file is now; a deleted one, where it was. */
export const pathOf = ({ oldPath, newPath, type }: FileData): string =>
  type === "delete" ? oldPath : newPath

/** The diff of one file. */
export const FileDiff = ({ file, look = "unified", below = {}, onLine }: FileDiffProps) => {
  const path = pathOf(file)
  const tokens = useMemo(() => tokensOf(path, file.hunks), [path, file])
  if (file.isBinary === true) return <p className="px-3 py-2 text-muted text-sm">A binary file.</p>
  if (file.hunks.length === 0) return <p className="px-3 py-2 text-muted text-sm">No line changed.</p>
  const gutterEvents =
    onLine === undefined
      ? {}
      : {
          onClick: ({ change }: { change: ChangeData | null }) => {
            if (change !== null) onLine(lineOf(path, change), getChangeKey(change))
          },
        }
  return (
    <div className={`diff-scroll ${onLine === undefined ? "diff-still" : ""}`}>
      <Diff
        viewType={look}
        diffType={file.type}
        hunks={file.hunks}
        tokens={tokens}
        widgets={below}
        gutterEvents={gutterEvents}
        {...(onLine !== undefined && { renderGutter: lineNumber })}
      >
        {hunks => hunks.flatMap(hunk => [<Hunk key={hunk.content} hunk={hunk} />])}
      </Diff>
    </div>
  )
}

const lineOf = (path: string, change: ChangeData): LineRef => {
  const text = change.content
  if (change.type === "normal") return { path, side: "new", line: change.newLineNumber, text }
  return { path, side: change.type === "insert" ? "new" : "old", line: change.lineNumber, text }
}
