import { useQuery } from "@tanstack/react-query"
import type { Task } from "@twolane/protocol"
import { type Dispatch, type SetStateAction, useState } from "react"
import { client } from "../../../client.ts"
import { useCommands } from "../../../keys/commands.ts"
import { useMay } from "../../../session/session.ts"
import { Button } from "../../../ui/button.tsx"
import { Empty } from "../../../ui/empty.tsx"
import { ProblemNote } from "../../../ui/problem-note.tsx"
import { countWords } from "../../../ui/words.ts"
import { ChangeFile, fileId } from "./change-file.tsx"
import { type Comment, sameLine } from "./comments.ts"
import type { DiffLook } from "./file-diff.tsx"
import { FileTree } from "./file-tree.tsx"
import { useLineKeys } from "./line-number.tsx"
import { SendComments } from "./send-comments.tsx"
import { filesInOrder, treeOf } from "./tree.ts"

type ChangesProps = {
  task: Task
  comments: readonly Comment[]
  setComments: Dispatch<SetStateAction<readonly Comment[]>>
}

/** The tree of more files is closed where it stands above them. */
const fewFiles = 12

/** The task's whole change: a file tree, a diff a file, and remarks on lines that become the next turn's prompt. */
export const Changes = ({ task, comments, setComments }: ChangesProps) => {
  const [from, setFrom] = useState<"base" | "turn">("base")
  const [look, setLook] = useState<DiffLook>(() => (window.innerWidth >= 1_100 ? "split" : "unified"))
  const [current, setCurrent] = useState<string | null>(null)
  const mayAsk = useMay("member") && task.review !== "discarded"
  const { data, error, refetch } = useQuery({
    queryKey: ["diff", task.id, from, changeVersion(task)],
    queryFn: ({ signal }) => client.diffFiles(task.id, from, { signal }),
  })
  useLineKeys()
  const pick = (path: string) => {
    setCurrent(path)
    document.getElementById(fileId(path))?.scrollIntoView({ block: "start" })
  }
  useCommands([
    {
      id: "diff-look",
      title: look === "split" ? "Diff: one under the other" : "Diff: side by side",
      section: "Task",
      keys: ["v"],
      run: () => setLook(look === "split" ? "unified" : "split"),
    },
  ])
  if (error !== null) return <ProblemNote error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <p className="p-6 text-faint">Loading the change …</p>
  if (data.files.length === 0) return <Empty title="No change">The task has changed no file so far.</Empty>
  const tree = treeOf(data.files)
  const order = new Map(filesInOrder(tree).map(({ path }, index) => [path, index]))
  const files = data.files.toSorted((a, b) => (order.get(a.path) ?? 0) - (order.get(b.path) ?? 0))
  const put = (comment: Comment) => setComments(before => withComment(before, comment))
  return (
    <div className="grid grid-cols-1 gap-4 lg:grid-cols-[16rem_minmax(0,1fr)]">
      <nav
        aria-label="Changed files"
        className="min-w-0 lg:sticky lg:top-4 lg:max-h-[80vh] lg:overflow-y-auto"
      >
        <details open={look === "split" || files.length <= fewFiles}>
          <summary className="mb-2 px-2 text-muted text-sm">{countWords(files.length, "file")}</summary>
          <FileTree nodes={tree} current={current} onPick={pick} />
        </details>
      </nav>
      <div className="min-w-0">
        <div className="mb-3 flex flex-wrap gap-2">
          <Button
            size="small"
            look={from === "base" ? "plain" : "quiet"}
            aria-pressed={from === "base"}
            onClick={() => setFrom("base")}
          >
            Whole change
          </Button>
          <Button
            size="small"
            look={from === "turn" ? "plain" : "quiet"}
            aria-pressed={from === "turn"}
            onClick={() => setFrom("turn")}
          >
            Last turn
          </Button>
          <Button
            size="small"
            className="ml-auto max-sm:hidden"
            onClick={() => setLook(look === "split" ? "unified" : "split")}
          >
            {look === "split" ? "One under the other" : "Side by side"}
          </Button>
        </div>
        {mayAsk && (
          <p className="mb-3 text-faint text-sm">
            Press a line's number to say what should change there
            <span className="pointer-coarse:hidden">; j and k go through the changed lines</span>.
          </p>
        )}
        {files.map(file => (
          <ChangeFile
            key={file.path}
            file={file}
            look={look}
            comments={comments.filter(comment => comment.path === file.path)}
            onComment={mayAsk ? put : null}
          />
        ))}
        {comments.length > 0 && (
          <SendComments task={task} comments={comments} onSent={() => setComments([])} />
        )}
      </div>
    </div>
  )
}

/** A new checkpoint or turn is another diff. */
const changeVersion = ({ change, head, turns, lastEventId, endedAt }: Task) =>
  endedAt === undefined ? lastEventId : JSON.stringify([change, head, turns.length])

/** A remark takes the place of the one on its line; an empty box that is left for another line goes. */
const withComment = (comments: readonly Comment[], comment: Comment): readonly Comment[] => {
  const others = comments.filter(other => !sameLine(other, comment))
  const known = comments.some(other => sameLine(other, comment))
  if (known) return comments.map(other => (sameLine(other, comment) ? comment : other))
  return [...others.filter(({ words }) => words.trim() !== ""), comment]
}
