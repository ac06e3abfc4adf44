import { lazy, Suspense } from "react"
import { Fold } from "../../../ui/fold.tsx"
import { Time } from "../../../ui/time.tsx"
import { visibleNames } from "../../../ui/visible.ts"
import type { Entry } from "../timeline/entries.ts"

const PatchDiff = lazy(async () => ({ default: (await import("../changes/patch-diff.tsx")).PatchDiff }))

/** Small patches are open from the start. */
const openUpToLines = 60

/** A patch that was applied, or what a command left behind: its files, and the diff when it is opened. */
export const PatchEntry = ({ entry }: { entry: Extract<Entry, { kind: "patch" }> }) => {
  const { files, diff, how, checkpoint, at } = entry
  const lines = files.reduce((sum, { added, removed }) => sum + added + removed, 0)
  return (
    <div data-entry="patch" className="rounded-lg border border-line bg-surface px-3.5 py-2">
      <Fold
        open={how === "patch" && lines <= openUpToLines}
        summary={
          <>
            <span className="shrink-0 font-medium">{how === "patch" ? "Patch" : "Saved"}</span>
            <span className="min-w-0 flex-1 truncate font-mono text-sm">
              {files.length === 0 ? "no file" : visibleNames(files.map(({ path }) => path))}
            </span>
            <Counts files={files} />
            <span className="shrink-0 text-faint text-sm max-sm:hidden" title={`checkpoint ${checkpoint}`}>
              <Time at={at} />
            </span>
          </>
        }
      >
        {() => (
          <Suspense fallback={<p className="text-faint text-sm">Loading the diff …</p>}>
            <PatchDiff patch={diff} />
          </Suspense>
        )}
      </Fold>
    </div>
  )
}

const Counts = ({ files }: { files: readonly { added: number; removed: number }[] }) => {
  const sum = (of: "added" | "removed") => files.reduce((all, file) => all + file[of], 0)
  return (
    <span className="shrink-0 font-mono text-sm tabular-nums">
      <span className="text-good">+{sum("added")}</span> <span className="text-bad">−{sum("removed")}</span>
    </span>
  )
}
