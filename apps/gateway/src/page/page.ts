import { readFile } from "node:fs/promises"
import { builtAt, type PageFile, type PageFiles, readPage } from "./files.ts"

/** The built page as it is now. */
export type Page = {
  /** A file by its path; also one of the page before, which open browsers may still ask for. */
  file(path: string): PageFile | undefined
  /** `index.html`, read anew after a build; null while there is none. */
  index(): Promise<PageFile | null>
  /** What the last build says of itself, when there is no page. */
  note(): Promise<string>
}

/** Serves the page that is built into a folder; a later build is taken over with the next visit. */
export const openPage = (folder: string): Page => {
  let files: PageFiles = new Map()
  let before: PageFiles = new Map()
  let readAt: number | null = null
  let reading: Promise<void> | null = null
  const refresh = async (): Promise<void> => {
    const at = await builtAt(folder)
    if (at === null || at === readAt) return
    const read = await readPage(folder)
    before = files
    files = read
    readAt = at
  }
  return {
    file: path => files.get(path) ?? before.get(path),
    index: async () => {
      reading ??= refresh().finally(() => {
        reading = null
      })
      await reading
      return files.get("/index.html") ?? null
    },
    note: async () => {
      try {
        return (await readFile(`${folder}.note`, "utf8")).slice(0, 4_000)
      } catch {
        return "It was not built: npm run build -w @twolane/dashboard"
      }
    },
  }
}
