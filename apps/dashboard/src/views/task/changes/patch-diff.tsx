import { useMemo, useRef } from "react"
import { type FileData, parseDiff } from "react-diff-view"
import { useNear } from "../../../ui/use-near.ts"
import { visible } from "../../../ui/visible.ts"
import { FileDiff, heightOf, pathOf } from "./file-diff.tsx"

/** A whole patch, file under file. */
export const PatchDiff = ({ patch }: { patch: string }) => {
  const files = useMemo(() => parseDiff(visible(patch), { nearbySequences: "zip" }), [patch])
  if (files.length === 0) return <p className="text-faint text-sm">The patch is empty.</p>
  return (
    <div className="space-y-3">
      {files.map(file => (
        <PatchFile key={pathOf(file)} file={file} />
      ))}
    </div>
  )
}

/** One file of it; its diff is made when it comes near to what is seen. */
const PatchFile = ({ file }: { file: FileData }) => {
  const section = useRef<HTMLElement>(null)
  const near = useNear(section)
  const lines = file.hunks.reduce((sum, { changes }) => sum + changes.length, 0)
  return (
    <section ref={section} className="overflow-hidden rounded-md border border-line">
      <p className="truncate border-line border-b bg-sunken px-3 py-1 font-mono text-sm" title={pathOf(file)}>
        {pathOf(file)}
      </p>
      {near ? <FileDiff file={file} /> : <div aria-hidden="true" style={{ height: heightOf(lines) }} />}
    </section>
  )
}
