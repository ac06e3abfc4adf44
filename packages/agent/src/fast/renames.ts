import type { KnownTree, SeenSection } from "./known-tree.ts"

type Added = Extract<SeenSection, { type: "add" }>

/**
 * Whether an added file may turn out to be a renamed one, whose lines do not count: one of its name was shown, or one that begins
 * with the same text, or the patch deletes a file that was not shown. Told while the file is written, with constant work per character.
 */
export type Renames = {
  /** The patch deletes a file, or moves it away. */
  deletes(path: string): void
  /** Reads on in the file that is being added. */
  mayBe(section: Added): boolean
  /** Whether any added file may be one, since a file that nobody knows goes away. */
  readonly any: () => boolean
}

/** Renames as far as the shown texts tell. */
export const watchRenames = ({ files }: Pick<KnownTree, "files">): Renames => {
  const names = new Set([...files.keys()].map(nameOf))
  let unknown = false
  let reading: { section: Added; line: number; at: number; alike: string[] } | null = null
  const isBegunAlike = (section: Added): boolean => {
    if (reading?.section !== section) reading = { section, line: 0, at: 0, alike: [...files.values()] }
    for (; reading.line < section.lines.length && reading.alike.length > 0; reading.line += 1) {
      const line = `${section.lines[reading.line]}\n`
      const { at } = reading
      reading.alike = reading.alike.filter(text => text.startsWith(line, at))
      reading.at += line.length
    }
    return reading.alike.length > 0
  }
  return {
    deletes: path => {
      unknown ||= !files.has(path)
    },
    mayBe: section => unknown || names.has(nameOf(section.path)) || isBegunAlike(section),
    any: () => unknown,
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)
