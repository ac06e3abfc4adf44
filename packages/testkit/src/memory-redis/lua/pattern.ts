const classes: Record<string, string> = {
  a: "A-Za-z",
  d: "0-9",
  l: "a-z",
  s: "\\s",
  u: "A-Z",
  w: "A-Za-z0-9",
  x: "0-9A-Fa-f",
}
const negated: Record<string, string> = { s: "\\S" }

const escaped = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&")

/** What `%` and a letter stand for, inside of a set or alone. @throws Error for what is not known here. */
const escapeOf = (letter: string, inSet: boolean): string => {
  if (!/[A-Za-z]/.test(letter)) return escaped(letter)
  const lower = letter.toLowerCase()
  const set = classes[lower]
  if (set === undefined) throw new Error(`malformed pattern (%${letter} is not known here)`)
  if (letter === lower) return inSet ? set : `[${set}]`
  const not = negated[lower]
  if (inSet && not === undefined) throw new Error(`malformed pattern (%${letter} in a set is not known here)`)
  return not ?? `[^${set}]`
}

const known = new Map<string, RegExp>()

/** Lua's patterns as regular expressions; without `%b`, `%f` and positions, which no script of ours has. Each is read once. */
export const patternOf = (pattern: string, flags: "" | "g"): RegExp => {
  const name = `${flags}/${pattern}`
  const found = known.get(name) ?? new RegExp(translate(pattern), flags)
  known.set(name, found)
  return found
}

const translate = (pattern: string): string => {
  let source = ""
  let inSet = false
  // Only one character or set can be repeated: what stands behind a capture means itself.
  let repeatable = false
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? ""
    const repeats = repeatable && "-*+?".includes(character)
    if (inSet && character !== "%") {
      inSet = character !== "]"
      repeatable = !inSet
      source += "\\[".includes(character) ? `\\${character}` : character
    } else if (repeats || isMark(character, at, pattern.length)) {
      repeatable = false
      source += repeats && character === "-" ? "*?" : character
    } else if (character === "[") {
      inSet = true
      source += character
    } else {
      repeatable = !inSet
      source +=
        character === "%"
          ? escapeOf(pattern[++at] ?? "", inSet)
          : character === "."
            ? "[^]"
            : escaped(character)
    }
  }
  return source
}

/** What means the same in both. */
const isMark = (character: string, at: number, length: number): boolean =>
  "()".includes(character) || (character === "^" && at === 0) || (character === "$" && at === length - 1)
