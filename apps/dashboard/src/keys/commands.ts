import { useEffect, useRef } from "react"
import { createStore } from "../store.ts"

/** Something that a person can do from the keyboard or the palette. */
export type Command = {
  id: string
  /** As the palette and the list of keys show it: `Pause the deep lane`. */
  title: string
  /** Where it stands in the list of keys. */
  section: string
  /**
   * Keys that run it: `j`, `?`, `Escape`, `mod+k` (Ctrl or Command), or keys one after another: `g q`. None: only in the palette.
   */
  keys?: readonly string[]
  /** False keeps it out of the palette, for what only makes sense as a key. */
  inPalette?: boolean
  run: () => void
}

/** Commands of views that are shown now; of two with the same keys, the one that came last runs. */
const registered = createStore<readonly Command[]>([])

/** All commands that can be run now. */
export const commandStore = { get: registered.get, subscribe: registered.subscribe }

/**
 * Offers commands while a view is shown. They may be new ones at each render: what runs is always the newest, and only another id,
 * title or key is a change.
 */
export const useCommands = (commands: readonly Command[]): void => {
  const newest = useRef(commands)
  useEffect(() => {
    newest.current = commands
  })
  const shape = JSON.stringify(commands.map(({ run: _run, ...shown }) => shown))
  useEffect(() => {
    const shown = JSON.parse(shape) as Omit<Command, "run">[]
    const own = shown.map(command => ({
      ...command,
      run: () => newest.current.find(({ id }) => id === command.id)?.run(),
    }))
    registered.set([...registered.get(), ...own])
    return () => registered.set(registered.get().filter(command => !own.includes(command)))
  }, [shape])
}
