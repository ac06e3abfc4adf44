const maxTitleChars = 80

/** A task's title: the first line of its prompt that says something, without control characters, at most 80 characters. */
export const titleOf = (prompt: string): string => {
  const line = prompt.split(/\r\n|[\n\r\u2028\u2029]/).find(text => text.trim() !== "") ?? ""
  const clean = line
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
  if (clean === "") return "Untitled"
  const letters = Array.from(clean)
  return letters.length <= maxTitleChars
    ? clean
    : `${letters
        .slice(0, maxTitleChars - 1)
        .join("")
        .trimEnd()}…`
}
