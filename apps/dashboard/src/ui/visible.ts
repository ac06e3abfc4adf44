/** Characters that turn the order of what follows them, and controls but for tab and line end. */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/**
 * Text as it is, not as it wants to be seen: what would change the order of the letters around it, or do something else without being
 * seen, is shown by its number.
 */
export const visible = (text: string): string =>
  text.replace(unseen, char => `‹${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`)
