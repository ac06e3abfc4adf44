import { type ReactNode, useState } from "react"
import { Button } from "./button.tsx"

type ShownOnceProps = { title: string; text: string; onPutAway: () => void; children: ReactNode }

/** Text that is shown here and never again, with a button that copies it. It stays until it is put away. */
export const ShownOnce = ({ title, text, onPutAway, children }: ShownOnceProps) => {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <section
      aria-label={title}
      className="mb-4 rounded-lg border border-line border-l-2 border-l-good bg-surface p-4"
    >
      <h2 className="font-semibold text-lg">{title}</h2>
      <p className="mt-0.5 text-muted">{children}</p>
      <div className="mt-2.5 flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 basis-64 select-all break-all rounded-md bg-sunken px-2.5 py-1.5 font-mono text-sm">
          {text}
        </code>
        <Button look="primary" onClick={() => void copy()}>
          <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
        </Button>
        <Button look="quiet" onClick={onPutAway}>
          Put away
        </Button>
      </div>
    </section>
  )
}
