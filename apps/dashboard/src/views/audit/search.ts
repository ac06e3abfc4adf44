import { isDay } from "../../ui/days.ts"

/** Which records are shown; in the address, so that a view can be shared. */
export type AuditSearch = {
  /** Such as `task.submit`. */
  action?: string
  /** The id of a key. */
  by?: string
  /** The id of what was acted on. */
  object?: string
  /** The first day, in the reader's zone. */
  from?: string
  /** The last day. */
  to?: string
}

/** Takes anything, throws nothing. */
export const readAuditSearch = (search: Record<string, unknown>): AuditSearch => ({
  ...text(search, "action", 100),
  ...text(search, "by", 100),
  ...text(search, "object", 200),
  ...day(search, "from"),
  ...day(search, "to"),
})

const text = (search: Record<string, unknown>, name: keyof AuditSearch, max: number): AuditSearch => {
  const value = search[name]
  return typeof value === "string" && value !== "" && value.length <= max ? { [name]: value } : {}
}

const day = (search: Record<string, unknown>, name: "from" | "to"): AuditSearch => {
  const value = search[name]
  return typeof value === "string" && isDay(value) ? { [name]: value } : {}
}
