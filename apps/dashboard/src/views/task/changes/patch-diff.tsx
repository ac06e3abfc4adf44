import { useMemo } from "react"
import { parseDiff } from "react-diff-view"
import { visible } from "../../../ui/visible.ts"
import { FileDiff, pathOf } from "./file-diff.tsx"

/** A whole patch, file under file. */
export const PatchDiff = ({ patch }: { patch: string }) => {
  const files = useMemo(() => parseDiff(visible(patch), { nearbySequences: "zip" }), [patch])
  if (files.length === 0) return <p className="text-faint text-sm">The patch is empty.</p>
  return (
    <div className="space-y-3">
      {files.map(file => (
        <section key={pathOf(file)} className="overflow-hidden rounded-md border border-line">
          <p className="border-line border-b bg-sunken px-3 py-1 font-mono text-sm">{pathOf(file)}</p>
          <FileDiff file={file} />
        </section>
      ))}
    </div>
  )
}
