/** Text of others in what we write at GitHub: shown as it is, and never read as markup, a mention or a comment of ours. */

const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A text on one line, as code. */
export const inline = (text: string, maxChars = 200): string => {
  const plain = text.replaceAll(unseen, " ").replaceAll("`", "'").replaceAll("|", "¦").trim()
  return plain === "" ? "" : `\`${cut(plain, maxChars)}\``
}

/** A text on lines of its own, as code, in a fence that it cannot end. */
export const fenced = (text: string, maxChars: number): string => {
  const plain = cut(
    text
      .replaceAll("\r\n", "\n")
      .replaceAll(/[^\n\t\P{Cc}]|\p{Cf}/gu, " ")
      .trim(),
    maxChars,
  )
  const longest = Math.max(2, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = "`".repeat(longest + 1)
  return `${fence}text\n${plain}\n${fence}`
}

const cut = (text: string, maxChars: number): string =>
  text.length <= maxChars ? text : `${text.slice(0, maxChars).toWellFormed()}…`
