/**
 * Reads the text of `{"input":"…"}` while it streams in: call it with each piece of JSON; it answers the text that is whole by
 * then. What comes before the string and after it is left out.
 */
export const makeInputReader = (): ((piece: string) => string) => {
  let rest = ""
  let state: "before" | "inside" | "after" = "before"
  return piece => {
    if (state === "after") return ""
    rest += piece
    if (state === "before") {
      const opening = /"input"\s*:\s*"/.exec(rest)
      if (opening === null) return ""
      rest = rest.slice(opening.index + opening[0].length)
      state = "inside"
    }
    const end = wholeUntil(rest)
    const text = decode(rest.slice(0, end))
    if (rest[end] === '"') state = "after"
    rest = rest.slice(end)
    return text
  }
}

/** How far the string's text is whole: up to its closing quote, or an escape or a surrogate pair that is not complete. */
const wholeUntil = (text: string): number => {
  let at = 0
  while (at < text.length) {
    if (text[at] === '"') return at
    const length = escapeLength(text, at)
    if (at + length > text.length) return at
    at += length
  }
  return at
}

const escapeLength = (text: string, at: number): number => {
  if (text[at] !== "\\") return 1
  if (text[at + 1] !== "u") return 2
  // The first half of a pair is written only together with the second.
  return /^[dD][89abAB]/.test(text.slice(at + 2, at + 4)) ? 12 : 6
}

const decode = (raw: string): string => {
  try {
    return JSON.parse(`"${raw}"`) as string
  } catch {
    return raw // malformed: shown as it came; the whole call is judged when it has ended
  }
}
