import type { Piece } from "../show/progress.ts"
import { type Frame, noFrame, type Paint, redraw } from "./frame.ts"
import { type Key, readKeys } from "./keys.ts"

/** A person's terminal in raw mode; disposing it gives the terminal back as it was. */
export type Terminal = Disposable & {
  readonly columns: () => number
  /** Prints lines for good, and the frame below them. */
  readonly draw: (lines: readonly Piece[], frame: Frame) => void
}

/** What a terminal tells. */
export type TerminalHandlers = {
  onKey: (key: Key) => void
  onResize: () => void
  /** The terminal is gone, or the process is asked to end: with this exit code. */
  onGone: (exitCode: number) => void
}

/** How long an escape character waits for the rest of its sequence before it is the Esc key. */
const escapeWaitMs = 25
const pasteOn = "\x1b[?2004h"
const pasteOff = "\x1b[?2004l"
/** 128 and the signal's number, as a shell has it. */
const goneBy = { SIGTERM: 143, SIGHUP: 129 } as const

/** Takes the terminal of this process over. Whatever ends the process, short of SIGKILL, gives it back. */
export const openTerminal = (handlers: TerminalHandlers, paint: Paint): Terminal => {
  const { stdin, stdout } = process
  const columns = () => stdout.columns || 80
  let frame = noFrame
  const draw = (lines: readonly Piece[], after: Frame) => {
    stdout.write(redraw({ before: frame, lines, after, columns: columns(), paint }))
    frame = after
  }
  const restore = () => {
    if (!stdin.isRaw) return
    stdout.write(pasteOff)
    stdin.setRawMode(false)
  }
  const listening = [readingKeys(handlers), listeningForTheEnd(handlers, restore)]
  stdin.setRawMode(true)
  stdout.write(pasteOn)
  stdout.on("resize", handlers.onResize)
  return {
    columns,
    draw,
    [Symbol.dispose]: () => {
      draw([], noFrame)
      restore()
      for (const each of listening) each[Symbol.dispose]()
      stdout.removeListener("resize", handlers.onResize)
    },
  }
}

const readingKeys = ({ onKey, onGone }: TerminalHandlers): Disposable => {
  const { stdin } = process
  let rest = ""
  let timer: ReturnType<typeof setTimeout> | undefined
  const read = (text: string, final: boolean) => {
    clearTimeout(timer)
    const { keys, rest: left } = readKeys(rest + text, final)
    rest = left
    if (rest.startsWith("\x1b") && !final) timer = setTimeout(() => read("", true), escapeWaitMs)
    for (const key of keys) onKey(key)
  }
  const onData = (text: string) => read(text, false)
  const onEnd = () => onGone(goneBy.SIGHUP)
  stdin.setEncoding("utf8").on("data", onData).on("end", onEnd).resume()
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      stdin.removeListener("data", onData).removeListener("end", onEnd).pause()
    },
  }
}

const listeningForTheEnd = ({ onGone }: TerminalHandlers, restore: () => void): Disposable => {
  const onTerm = () => onGone(goneBy.SIGTERM)
  const onHangup = () => onGone(goneBy.SIGHUP)
  process.on("SIGTERM", onTerm).on("SIGHUP", onHangup).on("exit", restore)
  return {
    [Symbol.dispose]: () =>
      void process
        .removeListener("SIGTERM", onTerm)
        .removeListener("SIGHUP", onHangup)
        .removeListener("exit", restore),
  }
}
