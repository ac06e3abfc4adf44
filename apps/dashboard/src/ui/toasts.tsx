import { createStore, useStore } from "../store.ts"
import { problemWords } from "./problem.ts"

type Toast = {
  id: number
  kind: "done" | "warning" | "problem"
  title: string
  detail?: string
  note?: string | null
}

const toasts = createStore<readonly Toast[]>([])
let last = 0

const inks: Record<Toast["kind"], string> = { done: "", warning: "text-warn", problem: "text-bad" }

/** A word that something is done goes by itself; a problem stays until it is put away. */
const doneMs = 5_000
const maxShown = 4

const show = (toast: Omit<Toast, "id">): number => {
  last += 1
  toasts.set([...toasts.get(), { ...toast, id: last }].slice(-maxShown))
  return last
}

const drop = (id: number): void => toasts.set(toasts.get().filter(toast => toast.id !== id))

/** Says that something was done, in the place of what was said to be done before: they would cover what one goes on with. */
export const sayDone = (title: string): void => {
  toasts.set(toasts.get().filter(({ kind }) => kind !== "done"))
  const id = show({ kind: "done", title })
  setTimeout(() => drop(id), doneMs)
}

/** Says what somebody should look at, though nothing went wrong. It stays until it is put away. */
export const sayWarning = (title: string, detail: string): void =>
  void show({ kind: "warning", title, detail })

/** Says what went wrong, and of what: `Pausing the deep lane`. */
export const sayProblem = (doing: string, error: unknown): void => {
  const { title, detail, note } = problemWords(error)
  show({
    kind: "problem",
    title: `${doing}: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    detail,
    note,
  })
}

/** Where they stand, above where one types; readers of the screen hear them. */
export const Toasts = () => {
  const shown = useStore(toasts)
  return (
    <section
      aria-label="Notices"
      className="pointer-events-none fixed inset-x-3 bottom-16 z-50 flex flex-col items-end gap-2"
    >
      <div aria-live="polite" className="contents">
        {shown.map(toast => (
          <div
            key={toast.id}
            className="pointer-events-auto flex w-full max-w-sm gap-3 rounded-lg border border-line bg-raised p-3 shadow-raised"
          >
            <div className="min-w-0 flex-1">
              <p className={`font-medium ${inks[toast.kind]}`}>{toast.title}</p>
              {toast.detail !== undefined && (
                <p className="mt-0.5 whitespace-pre-line break-words text-muted">{toast.detail}</p>
              )}
              {toast.note != null && <p className="mt-0.5 font-mono text-faint text-xs">{toast.note}</p>}
            </div>
            <button
              type="button"
              aria-label="Put away"
              onClick={() => drop(toast.id)}
              className="size-6 shrink-0 rounded text-faint hover:bg-hover hover:text-ink"
            >
              ×
            </button>
          </div>
        ))}
      </div>
    </section>
  )
}
