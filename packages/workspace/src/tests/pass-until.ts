/** Hands text on in pieces until a mark comes. */
export type Passing = { push(text: string): void; end(): void }

/** Hands on what comes before the mark, wherever the pieces are cut; with `show`, line by line in its words. */
export function passUntil(
  mark: string,
  emit: (text: string) => void,
  show?: (text: string) => string,
): Passing {
  let held = ""
  let over = false
  const pass = (text: string): void => {
    const shown = show ? show(text) : text
    if (shown !== "") emit(shown)
  }
  return {
    push(text) {
      if (over) return
      held += text
      const at = held.indexOf(mark)
      over = at >= 0
      const safe = over ? at : show ? lastLineEnd(held) : held.length - overlap(held, mark)
      const ready = held.slice(0, safe)
      held = over ? "" : held.slice(safe)
      if (ready !== "") pass(ready)
    },
    end() {
      if (!over && held !== "") pass(held)
      held = ""
    },
  }
}

/** Up to the last newline: the mark begins with one, so that newline stays. */
const lastLineEnd = (text: string): number => Math.max(0, text.lastIndexOf("\n"))

/** How many characters at the end may be the beginning of the mark. */
function overlap(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length -= 1)
    if (text.endsWith(mark.slice(0, length))) return length
  return 0
}
