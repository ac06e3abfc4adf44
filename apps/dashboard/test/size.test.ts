import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { expect, test } from "vitest"
import { build } from "./start-page.ts"

const dist = resolve(import.meta.dirname, "../dist")
/** What may be loaded before a view is usable, compressed. */
const mostBytes = 200 * 1024

type Chunk = { file: string; imports?: string[]; isEntry?: boolean; src?: string }

test("the first load of each view is under 200 KB of script, compressed", { timeout: 60_000 }, async () => {
  await build()
  const chunks = JSON.parse(await readFile(`${dist}/.vite/manifest.json`, "utf8")) as Record<string, Chunk>
  const bytesOf = async (names: readonly string[]): Promise<number> => {
    const files = [...new Set(names.flatMap(name => withImports(chunks, name)))]
    const sizes = files.map(async file => gzipSync(await readFile(`${dist}/${file}`)).length)
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  }
  const views = Object.keys(chunks).filter(name => /^src\/views\/.*-view\.tsx$/.test(name))
  expect(views).toContain("src/views/queue/queue-view.tsx")
  for (const view of views) {
    const bytes = await bytesOf(["index.html", view])
    console.log(`${view}: ${(bytes / 1024).toFixed(1)} KB gzip at first load`)
    expect(bytes).toBeLessThan(mostBytes)
  }
})

const withImports = (chunks: Record<string, Chunk>, name: string, seen = new Set<string>()): string[] => {
  const chunk = chunks[name]
  if (chunk === undefined || seen.has(name)) return []
  seen.add(name)
  return [chunk.file, ...(chunk.imports ?? []).flatMap(each => withImports(chunks, each, seen))]
}
