/** A text of at most so many characters (UTF-16 code units), which says what was left out. */
export const bounded = (text: string, maxChars: number): string => {
  if (text.length <= maxChars) return text
  const end = isHighSurrogate(text.charCodeAt(maxChars - 1)) ? maxChars - 1 : maxChars
  return `${text.slice(0, end)}… [${text.length - end} characters left out]`
}

/** JSON in which no text has more than so many characters. */
export const boundedJson = (value: unknown, maxChars: number): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === "string" ? bounded(part, maxChars) : part))

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
