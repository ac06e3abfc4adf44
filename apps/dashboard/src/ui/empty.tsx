import type { ReactNode } from "react"

/** Nothing is here: says so, and what to do about it. */
export const Empty = ({ title, children }: { title: string; children?: ReactNode }) => (
  <div className="px-6 py-12 text-center">
    <p className="font-medium">{title}</p>
    {children !== undefined && <div className="mx-auto mt-1 max-w-prose text-muted">{children}</div>}
  </div>
)
