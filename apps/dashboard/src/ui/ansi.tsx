import { useMemo } from "react"
import "../styles/ansi.css"
import { parseAnsi } from "./ansi-parse.ts"
import { visible } from "./visible.ts"

/** A program's output as text, with its colours. Nothing in it is markup. */
export const Ansi = ({ output }: { output: string }) => {
  const spans = useMemo(() => parseAnsi(output), [output])
  return (
    <pre className="overflow-x-auto whitespace-pre-wrap break-words rounded-md bg-sunken p-3 font-mono text-sm">
      {spans.map(({ text, classes }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: spans have no identity but their place
        <span key={index} className={classes}>
          {visible(text)}
        </span>
      ))}
    </pre>
  )
}
