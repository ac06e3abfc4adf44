import type { FileChange } from "@twolane/protocol"
import { visibleName } from "../../../ui/visible.ts"
import type { TreeNode } from "./tree.ts"

const signs: Record<FileChange["change"], { sign: string; ink: string; words: string }> = {
  added: { sign: "A", ink: "text-good", words: "added" },
  modified: { sign: "M", ink: "text-warn", words: "modified" },
  deleted: { sign: "D", ink: "text-bad", words: "deleted" },
  renamed: { sign: "R", ink: "text-accent", words: "renamed" },
}

const pathsOf = ({ from, path }: FileChange): string =>
  from === undefined ? visibleName(path) : `${visibleName(from)} → ${visibleName(path)}`

type TreeProps = { nodes: readonly TreeNode[]; current: string | null; onPick: (path: string) => void }

/** The change's files; a click goes to one. */
export const FileTree = ({ nodes, current, onPick }: TreeProps) => (
  <ul className="text-sm">
    {nodes.map(node =>
      node.kind === "folder" ? (
        <li key={node.path}>
          <p className="truncate px-2 py-0.5 text-faint" title={visibleName(node.path)}>
            {visibleName(node.name)}/
          </p>
          <div className="ml-2 border-line border-l">
            <FileTree nodes={node.children} current={current} onPick={onPick} />
          </div>
        </li>
      ) : (
        <li key={node.file.path}>
          <button
            type="button"
            aria-current={node.file.path === current ? "true" : undefined}
            title={pathsOf(node.file)}
            onClick={() => onPick(node.file.path)}
            className="flex w-full min-w-0 items-baseline gap-2 rounded px-2 py-0.5 text-left hover:bg-hover aria-[current]:bg-hover"
          >
            <span className={`font-mono ${signs[node.file.change].ink}`} aria-hidden="true">
              {signs[node.file.change].sign}
            </span>
            <span className="sr-only">{signs[node.file.change].words}: </span>
            <span className="min-w-0 flex-1 truncate">{visibleName(node.name)}</span>
            <span className="shrink-0 font-mono text-xs tabular-nums">
              <span className="text-good">+{node.file.added}</span>{" "}
              <span className="text-bad">−{node.file.removed}</span>
            </span>
          </button>
        </li>
      ),
    )}
  </ul>
)
