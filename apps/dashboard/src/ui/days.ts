/** Whether a text is a day, such as `2026-11-27`. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(new Date(`${text}T00:00`).getTime())

/** When a day begins in the reader's zone (epoch ms); undefined for what is no day. */
export const dayStart = (day: string): number | undefined =>
  isDay(day) ? new Date(`${day}T00:00`).getTime() : undefined

/** The last millisecond of a day in the reader's zone (epoch ms); undefined for what is no day. */
export const dayEnd = (day: string): number | undefined =>
  isDay(day) ? new Date(`${day}T23:59:59.999`).getTime() : undefined
