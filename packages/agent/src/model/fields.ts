/** What was parsed of a provider's words, before it is known what it is. */
export type Fields = Record<string, unknown>

/** Whether a value has fields. */
export const isRecord = (value: unknown): value is Fields => typeof value === "object" && value !== null

/** The fields of a value; none when it is no object. */
export const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {})
