export { byteWords } from "@twolane/protocol"

/**
 * `850 ms`, `12.3 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`.
 * @public
 */
export const durationWords = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return wholeWords(Math.round(ms / 1_000))
}

/** As `durationWords`, in whole seconds: for a clock that runs. */
export const clockWords = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  return seconds < 60 ? `${seconds} s` : wholeWords(seconds)
}

const wholeWords = (seconds: number): string => {
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`
}

/** `< 1 min`, `about 6 min`, `about 2 h`, for a time that is only known roughly. */
export const aboutWords = (ms: number): string => {
  if (ms < 60_000) return "< 1 min"
  if (ms < 3_600_000) return `about ${Math.round(ms / 60_000)} min`
  return `about ${Math.round(ms / 3_600_000)} h`
}

/** `now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 d ago`, then the date. */
export const agoWords = (at: number, now: number): string => {
  const seconds = Math.floor((now - at) / 1_000)
  if (seconds < 5) return "now"
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`
  if (seconds < 7 * 86_400) return `${Math.floor(seconds / 86_400)} d ago`
  return dateFormat().format(at)
}

/** A browser takes milliseconds to make one, and most views write few dates. */
export const onceMade = <Value>(make: () => Value): (() => Value) => {
  let made: Value | undefined
  return () => (made ??= make())
}
const dateFormat = onceMade(() => new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }))
const exactFormat = onceMade(
  () => new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" }),
)

/** Date, time to the second and zone, as the reader's browser writes them. */
export const exactWords = (at: number): string => exactFormat().format(at)

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const

/** `2026-11-30 19:05 UTC`: where the reader's zone is not known. */
export const utcWords = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`

/** `19:05`, `tomorrow 19:05`, `30 Nov 19:05`: a time to come, in the reader's zone. */
export const untilWords = (at: number, now: number): string => {
  const [then, today] = [new Date(at), new Date(now)]
  const clock = `${twoDigits(then.getHours())}:${twoDigits(then.getMinutes())}`
  const tomorrow = new Date(now)
  tomorrow.setDate(today.getDate() + 1)
  if (then.toDateString() === today.toDateString()) return clock
  if (then.toDateString() === tomorrow.toDateString()) return `tomorrow ${clock}`
  const year = then.getFullYear() === today.getFullYear() ? "" : ` ${then.getFullYear()}`
  return `${then.getDate()} ${months[then.getMonth()]}${year} ${clock}`
}

const twoDigits = (whole: number): string => String(whole).padStart(2, "0")

/** `1,204`, as the page's own language writes it. The browser's formats cost the first view 10 ms, and more on a slow machine. */
export const numberWords = (whole: number): string => String(whole).replace(/\B(?=(?:\d{3})+$)/g, ",")

/**
 * `1 file`, `1,204 files`.
 * @public
 */
export const countWords = (count: number, noun: string): string =>
  `${numberWords(count)} ${noun}${count === 1 ? "" : "s"}`
