import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import { gzipSync } from "node:zlib"

const dist = resolve(import.meta.dirname, "../dist")

type Chunk = { file: string; imports?: string[] }

const page = "index.html"

/** The script that each view of the built page needs before it is usable: compressed bytes by the view's source, the queue's as `index.html`. */
export const firstLoads = async (): Promise<Map<string, number>> => {
  const chunks = JSON.parse(await readFile(`${dist}/.vite/manifest.json`, "utf8")) as Record<string, Chunk>
  const html = await readFile(`${dist}/${page}`, "utf8")
  // The queue comes with the page itself.
  const begins = [...html.matchAll(/<script[^>]* src="\/([^"]+)"/g)].map(([, file = ""]) => file)
  const views = Object.keys(chunks).filter(name => /^src\/views\/.*-view\.tsx$/.test(name))
  const loads = views.map(
    async view => [view, await bytesOf([...begins, ...withImports(chunks, view)])] as const,
  )
  return new Map([[page, await bytesOf(begins)], ...(await Promise.all(loads))])
}

const bytesOf = async (files: readonly string[]): Promise<number> => {
  const sizes = [...new Set(files)].map(async file => gzipSync(await readFile(`${dist}/${file}`)).length)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

const withImports = (chunks: Record<string, Chunk>, name: string, seen = new Set<string>()): string[] => {
  const chunk = chunks[name]
  if (chunk === undefined || seen.has(name)) return []
  seen.add(name)
  return [chunk.file, ...(chunk.imports ?? []).flatMap(each => withImports(chunks, each, seen))]
}
