import { readHost } from "@twolane/common"
import { createColors } from "picocolors"

/** Where a command writes, and for whom: a person at a terminal, a pipe, or a program (`--json`). */
export type Output = {
  json: boolean
  /** Standard output is a terminal, and the reader is a person. */
  live: boolean
  colors: ReturnType<typeof createColors>
  /** The terminal's width; 80 where there is none. */
  columns: number
  /** One line for the person; nothing under `--json`. */
  line(text?: string): void
  /** Text without a line end, for live progress. */
  raw(text: string): void
  /** One JSON value on a line of its own, under `--json` alone. */
  value(value: unknown): void
  /** A line on standard error. */
  note(text: string): void
}

/** The output of this process. */
export const processOutput = (json: boolean): Output => {
  const live = !json && process.stdout.isTTY === true && readHost().terminal !== "dumb"
  return {
    json,
    live,
    colors: createColors(live && !readHost().noColor),
    columns: process.stdout.columns ?? 80,
    line: (text = "") => void (json || process.stdout.write(`${text}\n`)),
    raw: text => void (json || process.stdout.write(text)),
    value: value => void (json && process.stdout.write(`${JSON.stringify(value)}\n`)),
    note: text => void process.stderr.write(`${text}\n`),
  }
}
