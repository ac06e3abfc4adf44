import { type ReactNode, useState } from "react"

type FoldProps = {
  /** What stands on the line that opens and closes it. */
  summary: ReactNode
  /** Whether it is open before anybody chose. */
  open?: boolean
  children: () => ReactNode
}

/** A line that opens to more. What is in it is made only when it is open. */
export const Fold = ({ summary, open = false, children }: FoldProps) => {
  const [chosen, setChosen] = useState<boolean | null>(null)
  const shown = chosen ?? open
  return (
    <div>
      <button
        type="button"
        aria-expanded={shown}
        onClick={() => setChosen(!shown)}
        className="-mx-1.5 flex w-[calc(100%+0.75rem)] min-w-0 items-baseline gap-2 rounded-md px-1.5 py-0.5 text-left hover:bg-hover"
      >
        <span
          aria-hidden="true"
          className={`text-faint text-xs transition-transform ${shown ? "rotate-90" : ""}`}
        >
          ▸
        </span>
        {summary}
      </button>
      {shown && <div className="mt-1.5">{children()}</div>}
    </div>
  )
}
