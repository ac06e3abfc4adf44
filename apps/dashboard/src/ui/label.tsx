import { visibleName } from "./visible.ts"

/** A task's label; a long one is cut, and whole under the pointer. */
export const Label = ({ label, className = "" }: { label: string; className?: string }) => {
  const name = visibleName(label)
  return (
    <span title={name} className={`truncate rounded bg-sunken px-1.5 text-muted ${className}`}>
      {name}
    </span>
  )
}
