/**
 * Text from a model, a test or a repository, made safe to print: terminal escape sequences (CSI, OSC, DCS …), other control characters
 * and marks that turn the reading direction are left out; tabs and line ends stay.
 */
export const clean = (text: string): string =>
  text.replace(escapeSequences, "").replace(/\r\n?/g, "\n").replace(controls, "")

// OSC, DCS, SOS, PM and APC run to BEL, ST or the text's end; CSI to its final byte; others are two or three characters.
const escapeSequences =
  /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[\s\S]*?(?:\x07|\x1b\\|\x9c|$)|(?:\x1b\[|\x9b)[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]?|\x1b[\x20-\x2f]*[\x30-\x7e]?/g

const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** The same on one line: line ends and runs of blanks become one blank, and it is cut to `maxChars`. */
export const oneLine = (text: string, maxChars = 160): string => {
  const line = clean(text).replace(/\s+/g, " ").trim()
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 1)}…`
}
