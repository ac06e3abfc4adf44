import { useEffect, useState } from "react"
import { client } from "../../client.ts"
import { useChoice } from "../../lists/use-choice.ts"
import { useLive, useTask } from "../../live/use-live.ts"
import { Field, fieldLook } from "../../ui/field.tsx"
import { Status } from "../../ui/status.tsx"
import { useFoundTasks } from "./use-found-tasks.ts"

type TasksFieldProps = {
  label: string
  hint: string
  chosen: readonly string[]
  onChange: (chosen: readonly string[]) => void
}

/** As many as the gateway takes. */
const most = 20

/** Picks open tasks by words of theirs or by their id: typed, found, chosen by arrows and Enter, or by a click. */
export const TasksField = ({ label, hint, chosen, onChange }: TasksFieldProps) => {
  const [text, setText] = useState("")
  const [open, setOpen] = useState(false)
  const found = useFoundTasks(text)
  const choices = found.ids.filter(id => !chosen.includes(id)).slice(0, 8)
  const choose = (id: string | undefined) => {
    if (id === undefined) return
    onChange([...chosen, id])
    setText("")
  }
  const {
    current,
    reset,
    onKeyDown: onChoiceKey,
  } = useChoice(choices.length, index => choose(choices[index]))
  const onKeyDown = (event: React.KeyboardEvent) => {
    const { key } = event
    // Closed, or with Ctrl, it is the form's.
    if (key === "Enter" && (!open || event.ctrlKey || event.metaKey)) return
    if (key === "Escape" && open) setOpen(false)
    else if (key === "Backspace" && text === "" && chosen.length > 0) onChange(chosen.slice(0, -1))
    else if (onChoiceKey(event)) setOpen(true)
    else return
    event.preventDefault()
  }
  return (
    <Field label={label} hint={hint}>
      {tie => (
        // biome-ignore lint/a11y/noStaticElementInteractions: it only hears that the focus has left what is in it
        <div
          className="relative"
          onBlur={({ currentTarget, relatedTarget }) => {
            if (!currentTarget.contains(relatedTarget)) setOpen(false)
          }}
        >
          <ul aria-label={`${label}: chosen tasks`} className="mb-1.5 space-y-1 empty:hidden">
            {chosen.map(id => (
              <ChosenTask key={id} id={id} onDrop={() => onChange(chosen.filter(each => each !== id))} />
            ))}
          </ul>
          <input
            {...tie}
            role="combobox"
            aria-expanded={open}
            aria-autocomplete="list"
            aria-controls={`${tie.id}-found`}
            aria-activedescendant={
              open && choices[current] !== undefined ? `${tie.id}-${current}` : undefined
            }
            placeholder={chosen.length === 0 ? "A task's words, or its id" : "Another task"}
            disabled={chosen.length >= most}
            value={text}
            onFocus={() => setOpen(true)}
            onChange={event => {
              setText(event.target.value)
              setOpen(true)
              reset()
            }}
            onKeyDown={onKeyDown}
            className={fieldLook}
          />
          <div
            hidden={!open}
            className="absolute inset-x-0 z-20 mt-1 max-h-72 overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-raised"
          >
            <div id={`${tie.id}-found`} role="listbox" aria-label="Open tasks" hidden={choices.length === 0}>
              {choices.map((id, index) => (
                <FoundTask
                  key={id}
                  id={id}
                  option={`${tie.id}-${index}`}
                  current={index === current}
                  onChoose={() => {
                    choose(id)
                    reset()
                  }}
                />
              ))}
            </div>
            <p role="status" className="px-2 py-3 text-center text-muted text-sm empty:hidden">
              {choices.length > 0 ? "" : found.loading ? "Looking …" : "No other open task is like that."}
            </p>
          </div>
        </div>
      )}
    </Field>
  )
}

type FoundTaskProps = { id: string; option: string; current: boolean; onChoose: () => void }

const FoundTask = ({ id, option, current, onChoose }: FoundTaskProps) => {
  const task = useTask(id)
  if (task === undefined) return null
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys, as in every combobox
    <div
      id={option}
      role="option"
      tabIndex={-1}
      aria-selected={current}
      // The field keeps the focus, and so the list stays open.
      onMouseDown={event => event.preventDefault()}
      onClick={onChoose}
      className="flex cursor-pointer items-center gap-3 rounded px-2 py-1.5 hover:bg-hover aria-selected:bg-hover"
    >
      <span className="min-w-0 flex-1 truncate">{task.title}</span>
      <span className="shrink-0 text-sm">
        <Status status={task.status} />
      </span>
    </div>
  )
}

/** A task that was chosen, as it is now; one that no list has is loaded. */
const ChosenTask = ({ id, onDrop }: { id: string; onDrop: () => void }) => {
  const task = useTask(id)
  const live = useLive()
  const known = task !== undefined
  useEffect(() => {
    if (known) return
    const stop = new AbortController()
    client.task(id, { signal: stop.signal }).then(
      loaded => live.learn([loaded]),
      () => undefined, // it is shown by its id, and the gateway says what is wrong with it
    )
    return () => stop.abort()
  }, [id, known, live])
  const title = task?.title ?? id
  return (
    <li className="flex min-w-0 items-center gap-2 rounded-md bg-sunken py-0.5 pr-1 pl-2">
      <span className="min-w-0 flex-1 truncate">{title}</span>
      {task !== undefined && (
        <span className="shrink-0 text-sm">
          <Status status={task.status} />
        </span>
      )}
      <button
        type="button"
        aria-label={`Do not wait for ${title}`}
        onClick={onDrop}
        className="size-6 shrink-0 rounded text-faint hover:bg-hover hover:text-ink"
      >
        ×
      </button>
    </li>
  )
}
