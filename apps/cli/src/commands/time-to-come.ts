import { readTime } from "@twolane/common/time-to-come"
import { InvalidArgumentError } from "commander"

/** An option's time, in epoch ms: `2h` from now, `22:30` as a clock here shows it next, `2026-12-24T18:00` in this zone too. */
export const timeToCome = (text: string): number => {
  const time = readTime(text, Date.now())
  if (time === null)
    throw new InvalidArgumentError("It must be a time such as 2h, 22:30 or 2026-12-24T18:00.")
  return time
}
