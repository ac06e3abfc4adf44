import { readFileSync } from "node:fs"
import { join } from "node:path"

/** Where the pages are. */
export const docsRoot = join(import.meta.dirname, "../../../../docs")

/** A page's text. */
export const pageOf = (name: string): string => readFileSync(join(docsRoot, `${name}.md`), "utf8")

/** The cells of the table whose first head is this, row by row. */
export const tableIn = (page: string, head: string): string[][] => {
  const lines = page.split("\n").map(line => line.trim())
  const from = lines.findIndex(line => line.startsWith(`| ${head} |`))
  const rows = from < 0 ? [] : lines.slice(from + 2)
  const end = rows.findIndex(line => !line.startsWith("|"))
  return rows.slice(0, end).map(line =>
    line
      .slice(1, -1)
      .split("|")
      .map(cell => cell.trim()),
  )
}

export const byText = (a: string, b: string): number => (a < b ? -1 : 1)
