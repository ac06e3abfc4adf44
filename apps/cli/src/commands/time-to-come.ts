import { InvalidArgumentError } from "commander"

/** An option's time, in epoch ms: `22:30` is the next time that a clock here shows it, `2026-12-24T18:00` is in this zone too. */
export const timeToCome = (text: string): number => {
  const time = readTime(text, Date.now())
  if (time === null) throw new InvalidArgumentError("It must be a time such as 22:30 or 2026-12-24T18:00.")
  return time
}

/** Reads a time as seen from `now`; null when it is none. */
export const readTime = (text: string, now: number): number | null => {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text)
  if (clock !== null) {
    const at = new Date(now)
    at.setHours(Number(clock[1]), Number(clock[2]), 0, 0)
    if (at.getTime() <= now) at.setDate(at.getDate() + 1)
    return at.getTime()
  }
  // A day alone would be read as midnight of another zone.
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return null
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : time
}
