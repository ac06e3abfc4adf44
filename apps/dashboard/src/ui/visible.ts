/** Characters that turn the order of what follows them, and controls but for tab and line end. */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/**
 * Text as it is, not as it wants to be seen: what would change the order of the letters around it, or do something else without being
 * seen, is shown by its number.
 */
export const visible = (text: string): string => text.replace(unseen, numberOf)

const numberOf = (char: string): string =>
  `‹${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`

/** A name of one line, such as a file's or a person's: what would break the line is shown by its number as well. */
export const visibleName = (name: string): string => visible(name.replace(/[\t\n\u2028\u2029]/g, numberOf))

/** Names on a line, of many the first: `a.ts, b.ts, c.ts and 17 more`. */
export const visibleNames = (names: readonly string[]): string => {
  const shown = names.slice(0, 3).map(visibleName).join(", ")
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}
