import { type Command, commandStore } from "./commands.ts"

/** Keys of a sequence follow each other within this time. */
const sequenceMs = 1_200

/** Runs commands by their keys, until the signal ends it. */
export const listenToKeys = (signal: AbortSignal): void => {
  let typed: { keys: string; at: number } = { keys: "", at: 0 }
  const onKey = (event: KeyboardEvent): void => {
    const key = keyOf(event)
    if (key === null || event.defaultPrevented || belongsToField(event, key)) return
    const before = event.timeStamp - typed.at < sequenceMs ? typed.keys : ""
    const sequence = before === "" ? key : `${before} ${key}`
    const command = find(sequence) ?? find(key)
    typed = { keys: command === undefined && startsOne(sequence) ? sequence : "", at: event.timeStamp }
    if (command === undefined) return
    event.preventDefault()
    command.run()
  }
  document.addEventListener("keydown", onKey, { signal })
}

const find = (keys: string): Command | undefined =>
  commandStore.get().findLast(command => command.keys?.includes(keys))

const startsOne = (keys: string): boolean =>
  commandStore.get().some(command => command.keys?.some(wanted => wanted.startsWith(`${keys} `)))

/** A key as commands name it; null for a modifier alone. */
const keyOf = (event: KeyboardEvent): string | null => {
  if (event.isComposing || event.altKey || ["Shift", "Control", "Meta", "Alt"].includes(event.key))
    return null
  const key = event.key === " " ? "Space" : event.key
  return event.ctrlKey || event.metaKey ? `mod+${key.toLowerCase()}` : key
}

/** What is typed into a field, or does something on a control of its own, is not ours; nor is anything behind an open dialog. */
const belongsToField = (event: KeyboardEvent, key: string): boolean => {
  if (key.startsWith("mod+")) return false
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest("dialog[open]") != null) return true
  if (target?.closest("input, textarea, select, [contenteditable]") != null) return key !== "Escape"
  return (key === "Enter" || key === "Space") && target?.closest("a, button, summary, [role=option]") != null
}
