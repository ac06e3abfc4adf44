/** The most of one result that is shown to the model and stored, in characters. */
const maxChars = 24_000

/** Text cut to a size that fits, keeping its head and its tail: what a command says last is what matters most. */
export const clip = (text: string, most = maxChars): { output: string; truncated: boolean } => {
  if (text.length <= most) return { output: text, truncated: false }
  const head = Math.floor(most * 0.4)
  const tail = most - head
  const left = text.length - head - tail
  const start = wholeStart(text, text.length - tail)
  return {
    output: `${text.slice(0, wholeStart(text, head))}\n[… ${left} characters left out …]\n${text.slice(start)}`,
    truncated: true,
  }
}

/** The same place, or one before it, so that no surrogate pair is cut in two. */
const wholeStart = (text: string, at: number): number => {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at
}
