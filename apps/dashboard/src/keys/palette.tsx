import { useNavigate } from "@tanstack/react-router"
import type { Task } from "@twolane/protocol"
import { useId, useState } from "react"
import { useChoice } from "../lists/use-choice.ts"
import { buckets } from "../live/buckets.ts"
import type { Tasks } from "../live/task-table.ts"
import { useTasks } from "../live/use-live.ts"
import { useStore } from "../store.ts"
import { Dialog } from "../ui/dialog.tsx"
import { commandStore } from "./commands.ts"
import { KeyLabel } from "./key-label.tsx"

type Choice = { id: string; title: string; note: string; keys?: string; run: () => void }

const maxTasks = 8

/** Everything that can be done or gone to, found by typing. */
export const Palette = ({ onClose }: { onClose: () => void }) => {
  const [text, setText] = useState("")
  const list = useId()
  const choices = useChoices(text)
  const choose = (choice: Choice | undefined) => {
    if (choice === undefined) return
    onClose()
    choice.run()
  }
  const { current, reset, onKeyDown } = useChoice(choices.length, index => choose(choices[index]))
  return (
    <Dialog title="Go to or do" titleHidden onClose={onClose}>
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={choices[current] && `${list}-${current}`}
        aria-label="Go to a view or a task, or do something"
        placeholder="Go to a view or a task, or do something"
        className="w-full border-line border-b bg-transparent px-1 pb-3 text-lg outline-none placeholder:text-faint"
        value={text}
        onChange={event => {
          setText(event.target.value)
          reset()
        }}
        onKeyDown={event => onKeyDown(event) && event.preventDefault()}
      />
      <div
        id={list}
        role="listbox"
        aria-label="Found"
        hidden={choices.length === 0}
        className="-mx-2 mt-2 max-h-80 overflow-y-auto"
      >
        {choices.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys, as in every combobox
          <div
            key={choice.id}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === current}
            ref={node => (index === current ? node?.scrollIntoView({ block: "nearest" }) : undefined)}
            onClick={() => choose(choice)}
            className="flex cursor-pointer items-center gap-3 rounded-md px-3 py-2 hover:bg-hover aria-selected:bg-hover"
          >
            <span className="min-w-0 flex-1 truncate">{choice.title}</span>
            <span className="shrink-0 text-faint text-sm">{choice.note}</span>
            {choice.keys !== undefined && <KeyLabel keys={choice.keys} />}
          </div>
        ))}
      </div>
      <p role="status" className="px-3 py-6 text-center text-muted empty:hidden">
        {choices.length === 0 && "Nothing is called that."}
      </p>
    </Dialog>
  )
}

const useChoices = (text: string): Choice[] => {
  const navigate = useNavigate()
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const commands = useStore(commandStore)
    .filter(({ inPalette = true, title }) => inPalette && containsAll(title, words))
    .map(({ id, title, section, keys, run }) => ({
      id,
      title,
      note: section,
      run,
      ...(keys?.[0] === undefined ? {} : { keys: keys[0] }),
    }))
  const ids = useTasks(tasks => (words.length === 0 ? [] : findTasks(tasks, words)), sameList)
  const tasks = useTasks(all => ids.map(id => all.find(id)?.title ?? id), sameList)
  return [
    ...new Map(commands.map(command => [command.id, command])).values(),
    ...ids.map((id, index) => ({
      id,
      title: tasks[index] ?? id,
      note: "Task",
      run: () => void navigate({ to: "/tasks/$task", params: { task: id } }),
    })),
  ]
}

const containsAll = (text: string, words: readonly string[]): boolean => {
  const low = text.toLowerCase()
  return words.every(word => low.includes(word))
}

const findTasks = ({ find, order }: Tasks, words: readonly string[]): string[] => {
  const found: string[] = []
  for (const bucket of buckets)
    for (const id of order[bucket]) {
      const task = find(id)
      if (task === undefined || !words.every(word => searchedOf(task).includes(word))) continue
      found.push(id)
      if (found.length >= maxTasks) return found
    }
  return found
}

/** What a task is found by. It is looked through with every letter and, while the team is busy, every frame. */
const searchedOf = (task: Task): string => {
  const known = searched.get(task)
  if (known !== undefined) return known
  const text = `${task.title} ${task.repo} ${task.id}`.toLowerCase()
  searched.set(task, text)
  return text
}
const searched = new WeakMap<Task, string>()

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index])
