import { clean, oneLine } from "@twolane/common/clean"
import { z } from "zod"

const levelNames: Record<number, string> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
}

/** A pino line. */
const Entry = z.looseObject({
  level: z.number(),
  time: z.iso.datetime(),
  msg: z.string().default(""),
  err: z.looseObject({ message: z.string() }).optional(),
})
const envelope = new Set(["level", "time", "part", "pid", "hostname", "msg", "err", "v"])

/** A part's log line as a person reads it: time, part, message, fields. A line that is no JSON is shown as it is. */
export const prettyLine = (part: string, line: string): string => {
  const entry = parse(line)
  if (entry === null) return `${part}: ${clean(line)}`
  const level = levelNames[entry.level] ?? ""
  const message = level === "info" ? entry.msg : `${level}: ${entry.msg}`
  const fields = Object.entries(entry).flatMap(([name, value]) =>
    envelope.has(name) ? [] : [`${name}=${short(value)}`],
  )
  const cause = entry.err === undefined ? [] : [`(${oneLine(entry.err.message, 300)})`]
  return [entry.time.slice(11, 19), `${part}:`, oneLine(message, 400), ...fields, ...cause].join(" ")
}

const parse = (line: string): z.infer<typeof Entry> | null => {
  if (!line.startsWith("{")) return null
  try {
    return Entry.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null // a brace of another program's, or half a line of a process that was killed
  }
}

const short = (value: unknown): string =>
  oneLine(typeof value === "string" ? value : (JSON.stringify(value) ?? ""), 120)
