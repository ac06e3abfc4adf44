/** A stretch of text in one style; `classes` come from `styles/ansi.css`. */
export type AnsiSpan = { text: string; classes: string }

type Style = {
  colour: number | null
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
  inverse: boolean
}

const plain: Style = {
  colour: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
}

/**
 * Splits a program's output into styled stretches. Only colours and weights are kept of what a terminal would obey: everything else that
 * begins with an escape (titles, links, cursor moves), and every other control character, is taken out. A line that was written again
 * after a carriage return is what it was last.
 */
export const parseAnsi = (output: string): AnsiSpan[] => {
  const spans: AnsiSpan[] = []
  let style = plain
  for (const [, codes, text] of lastOfLines(output).matchAll(pieces)) {
    if (codes !== undefined)
      style = codes.split(/[;:]/).map(Number).reduce(reduceStyle, { style, extended: [] }).style
    const shown = text?.replace(controls, "") ?? ""
    if (shown === "") continue
    const classes = classesOf(style)
    const last = spans.at(-1)
    if (last?.classes === classes) last.text += shown
    else spans.push({ text: shown, classes })
  }
  return spans
}

/** An SGR sequence (its codes), another sequence (OSC, DCS and the like to their end, CSI, two letters), or text. */
const pieces =
  /\u001b\[([\d;:]*)m|(?:\u001b[\]PX^_][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c|$)|\u001b\[[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?|\u009b[0-?]*[ -/]*[@-~]?)|([^\u001b\u009b]+)/g

const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

const lastOfLines = (output: string): string => {
  if (!output.includes("\r")) return output
  return output
    .split("\n")
    .map(line => line.replace(/\r+$/, ""))
    .map(line => line.slice(line.lastIndexOf("\r") + 1))
    .join("\n")
}

type Reading = { style: Style; extended: number[] }

/** Applies one code. 38 and 48 take the codes after them: `5;n`, or `2;r;g;b`. */
const reduceStyle = ({ style, extended }: Reading, code: number): Reading => {
  if (extended.length > 0) {
    const all = [...extended, code]
    if (all[1] === 5 ? all.length < 3 : all[1] !== 2 || all.length < 5) {
      if (all.length > 1 && all[1] !== 5 && all[1] !== 2) return { style, extended: [] }
      return { style, extended: all }
    }
    const colour = all[1] === 5 ? from256(all[2] ?? 0) : fromRgb(all[2] ?? 0, all[3] ?? 0, all[4] ?? 0)
    return { style: all[0] === 38 ? { ...style, colour } : style, extended: [] }
  }
  if (code === 38 || code === 48) return { style, extended: [code] }
  return { style: applyCode(style, code), extended: [] }
}

const applyCode = (style: Style, code: number): Style => {
  if (code === 0) return plain
  if (code >= 30 && code <= 37) return { ...style, colour: code - 30 }
  if (code >= 90 && code <= 97) return { ...style, colour: code - 82 }
  const change = simpleCodes[code]
  return change === undefined ? style : { ...style, ...change }
}

const simpleCodes: Readonly<Record<number, Partial<Style>>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  39: { colour: null },
}

const from256 = (index: number): number => {
  if (index < 16) return index
  if (index > 231) {
    const grey = 8 + (index - 232) * 10
    return fromRgb(grey, grey, grey)
  }
  const steps = [0, 95, 135, 175, 215, 255]
  const cube = index - 16
  return fromRgb(
    steps[Math.floor(cube / 36)] ?? 0,
    steps[Math.floor(cube / 6) % 6] ?? 0,
    steps[cube % 6] ?? 0,
  )
}

/** The nearest of the sixteen: a page has two themes, and an exact colour may be unreadable in one of them. */
const fromRgb = (red: number, green: number, blue: number): number => {
  const most = Math.max(red, green, blue)
  const least = Math.min(red, green, blue)
  if (most - least < 40) return most < 64 ? 0 : most < 128 ? 8 : most < 208 ? 7 : 15
  const bit = (value: number, weight: number) => (value > (most + least) / 2 ? weight : 0)
  return bit(red, 1) + bit(green, 2) + bit(blue, 4) + (most > 200 ? 8 : 0)
}

const classesOf = ({ colour, bold, dim, italic, underline, inverse }: Style): string =>
  [
    colour === null ? "" : `ansi-${colour}`,
    bold && "ansi-bold",
    dim && "ansi-dim",
    italic && "ansi-italic",
    underline && "ansi-underline",
    inverse && "ansi-inverse",
  ]
    .filter(Boolean)
    .join(" ")
