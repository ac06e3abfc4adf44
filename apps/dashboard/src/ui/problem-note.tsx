import { Button } from "./button.tsx"
import { problemWords } from "./problem.ts"

/** A problem in the place of what could not be shown, with a way to try again. */
export const ProblemNote = ({ error, onRetry }: { error: unknown; onRetry?: () => void }) => {
  const { title, detail, note } = problemWords(error)
  return (
    <div role="alert" className="rounded-lg border border-line bg-surface p-5">
      <p className="font-semibold text-bad">{title}</p>
      <p className="mt-1 whitespace-pre-line text-muted">{detail}</p>
      {note !== null && <p className="mt-1 font-mono text-faint text-xs">{note}</p>}
      {onRetry !== undefined && (
        <Button className="mt-3" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}
