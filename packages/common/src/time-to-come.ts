const unitsMs: Readonly<Record<string, number | undefined>> = { d: 86_400_000, h: 3_600_000, m: 60_000 }
const dayMs = 86_400_000

const zonePattern = "(Z|[+-](?:0\\d|1[0-4]):[0-5]\\d)?"
const spanPattern = /^(?=\d)(?:\d{1,4}d)?(?:\d{1,4}h)?(?:\d{1,4}m)?$/i
const clockPattern = new RegExp(`^([01]?\\d|2[0-3]):([0-5]\\d)${zonePattern}$`, "i")
// A day alone would be read as midnight of another zone.
const datePattern = new RegExp(
  `^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,3})?)?${zonePattern}$`,
  "i",
)

/**
 * Reads a time as people write it, seen from `now`; both in epoch ms. `90m`, `2h30m` and `3d` are so long from then on, `22:30` is the next
 * time that a clock shows it, `2026-12-24T18:00` that moment. The last two may name their zone (`22:30Z`, `22:30+02:00`); without one they
 * are in this process's, or no time where its writer's is not known (`zoned`). Null for what is no time.
 */
export const readTime = (text: string, now: number, { zoned = false } = {}): number | null => {
  if (spanPattern.test(text)) return now + spanMs(text)
  const clock = clockPattern.exec(text)
  const date = datePattern.exec(text)
  const zone = clock?.[3] ?? date?.[1]
  if (zoned && zone === undefined) return null
  if (clock !== null) return nextClock({ hours: Number(clock[1]), minutes: Number(clock[2]), zone }, now)
  const time = date === null ? Number.NaN : Date.parse(text.toUpperCase())
  return Number.isNaN(time) ? null : time
}

const spanMs = (text: string): number =>
  [...text.matchAll(/(\d+)([dhm])/gi)].reduce(
    (sum, [, count, unit = ""]) => sum + Number(count) * (unitsMs[unit.toLowerCase()] ?? 0),
    0,
  )

type Clock = { hours: number; minutes: number; zone: string | undefined }

const nextClock = ({ hours, minutes, zone }: Clock, now: number): number => {
  if (zone === undefined) {
    const at = new Date(now)
    at.setHours(hours, minutes, 0, 0)
    if (at.getTime() <= now) at.setDate(at.getDate() + 1)
    return at.getTime()
  }
  const day = new Date(now + offsetMs(zone)).toISOString().slice(0, 10)
  const at = Date.parse(`${day}T00:00Z`) + hours * 3_600_000 + minutes * 60_000 - offsetMs(zone)
  return at <= now ? at + dayMs : at
}

const offsetMs = (zone: string): number => {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? []
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 3_600_000 + Number(minutes ?? 0) * 60_000)
}
