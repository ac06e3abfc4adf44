/** What a person pressed. `text` may be pasted, with line ends in it. */
export type Key =
  | { type: "text"; text: string }
  | {
      type:
        | "enter"
        | "escape"
        | "backspace"
        | "delete"
        | "left"
        | "right"
        | "home"
        | "end"
        | "erase_line"
        | "erase_word"
        | "ctrl_c"
        | "ctrl_d"
    }
type NamedKey = Exclude<Key["type"], "text">

/** Keys read so far: what was read, and what may still become a longer key. */
export type Read = { keys: Key[]; rest: string }

const pasteStart = "\x1b[200~"
const pasteEnd = "\x1b[201~"

/**
 * Reads the keys in what a terminal in raw mode has sent. `rest` is the beginning of a sequence whose end has not come; with `final`, when
 * nothing came for a while, an escape character alone is the Esc key.
 */
export const readKeys = (text: string, final = false): Read => {
  const keys: Key[] = []
  let rest = text
  while (rest !== "") {
    const next = firstKey(rest, final)
    if (next === null) break
    if (next.key !== null) keys.push(next.key)
    rest = rest.slice(next.length)
  }
  return { keys: joined(keys), rest }
}

type Next = { key: Key | null; length: number }

/** The first key; null when its end has not come yet. A key without a meaning here is `{ key: null }`. */
const firstKey = (text: string, final: boolean): Next | null => {
  if (text.startsWith(pasteStart)) return paste(text)
  const sequence = /^\x1b(?:\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]|O[\x40-\x7e])/.exec(text)?.[0]
  if (sequence !== undefined) return { key: named(sequences[sequence]), length: sequence.length }
  if (text.startsWith("\x1b")) return loneEscape(text, final)
  const character = String.fromCodePoint(text.codePointAt(0) ?? 0)
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(character)) return { key: named(controls[character]), length: 1 }
  return { key: { type: "text", text: character }, length: character.length }
}

/** An escape character that begins no whole sequence. Two in a row are the Esc key and the beginning of something. */
const loneEscape = (text: string, final: boolean): Next | null => {
  const mayGrow = /^\x1b(?:$|\[[\x20-\x3f]*$|O$)/.test(text)
  if (mayGrow && !final) return null
  if (text === "\x1b" || text.startsWith("\x1b\x1b")) return { key: { type: "escape" }, length: 1 }
  // Alt with a key, or a sequence that never ended: neither is the Esc key, which would interrupt a turn.
  return {
    key: null,
    length: mayGrow ? text.length : 1 + String.fromCodePoint(text.codePointAt(1) ?? 0).length,
  }
}

const paste = (text: string): Next | null => {
  const end = text.indexOf(pasteEnd)
  if (end === -1) return null
  const pasted = text.slice(pasteStart.length, end).replace(/\r\n?/g, "\n")
  return { key: { type: "text", text: pasted }, length: end + pasteEnd.length }
}

const named = (type: NamedKey | undefined): Key | null => (type === undefined ? null : { type })

const controls: Readonly<Record<string, NamedKey>> = {
  "\r": "enter",
  "\n": "enter",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x01": "home",
  "\x02": "left",
  "\x03": "ctrl_c",
  "\x04": "ctrl_d",
  "\x05": "end",
  "\x06": "right",
  "\x15": "erase_line",
  "\x17": "erase_word",
}

const sequences: Readonly<Record<string, NamedKey>> = {
  "\x1b[C": "right",
  "\x1bOC": "right",
  "\x1b[D": "left",
  "\x1bOD": "left",
  "\x1b[H": "home",
  "\x1bOH": "home",
  "\x1b[1~": "home",
  "\x1b[F": "end",
  "\x1bOF": "end",
  "\x1b[4~": "end",
  "\x1b[3~": "delete",
}

/** Characters in a row are one text. */
const joined = (keys: readonly Key[]): Key[] => {
  const all: Key[] = []
  for (const key of keys) {
    const last = all.at(-1)
    if (key.type === "text" && last?.type === "text")
      all[all.length - 1] = { type: "text", text: last.text + key.text }
    else all.push(key)
  }
  return all
}
