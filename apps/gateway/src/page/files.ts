import { createHash } from "node:crypto"
import { readdir, readFile, stat } from "node:fs/promises"
import { extname, join } from "node:path"

/** One file of the built page, in memory. */
export type PageFile = {
  type: string
  etag: string
  /** Its name has the hash of what it holds: it never changes. */
  immutable: boolean
  plain: Buffer
  gzip: Buffer | null
  br: Buffer | null
}
/** A built page by its paths (`/assets/main-3f.js`). */
export type PageFiles = ReadonlyMap<string, PageFile>

const types: Record<string, string | undefined> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
}

/**
 * Reads a built page whole: it has a few megabytes, and a request that is only looked up in a table reaches no file that is not the
 * page's. Files whose names begin with a dot are the build's own.
 */
export const readPage = async (folder: string): Promise<PageFiles> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length))
    .filter(path => types[extname(path)] !== undefined && !path.includes("/."))
  return new Map(await Promise.all(paths.map(async path => [path, await readOne(folder, path)] as const)))
}

const readOne = async (folder: string, path: string): Promise<PageFile> => {
  const [plain, gzip, br] = await Promise.all([
    readFile(join(folder, path)),
    readOptional(join(folder, `${path}.gz`)),
    readOptional(join(folder, `${path}.br`)),
  ])
  const type = types[extname(path)] ?? "application/octet-stream"
  return { type, etag: etagOf(plain), immutable: path.startsWith("/assets/"), plain, gzip, br }
}

/** A strong ETag of a body; each encoding of it adds its name. */
export const etagOf = (body: Buffer | string): string =>
  createHash("sha256").update(body).digest("base64url").slice(0, 22)

const readOptional = async (path: string): Promise<Buffer | null> => {
  try {
    return await readFile(path)
  } catch {
    return null // a small file has no compressed twin
  }
}

/** When the page was last built; null when it is not there. */
export const builtAt = async (folder: string): Promise<number | null> => {
  try {
    return (await stat(join(folder, "index.html"))).mtimeMs
  } catch {
    return null // never built, or just being replaced
  }
}
