import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { brotliCompress, gzip } from "node:zlib"

const compress = { gz: promisify(gzip), br: promisify(brotliCompress) }
/** Below this a compressed twin is not worth its request's headers. */
const leastBytes = 1_024

/** Puts a compressed twin beside each script and style of a folder, for the gateway to send as it is. */
export const compressAll = async (folder: string): Promise<void> => {
  const names = (await readdir(folder)).filter(name => /\.(?:js|css|svg)$/.test(name))
  await Promise.all(names.map(name => compressOne(join(folder, name))))
}

const compressOne = async (path: string): Promise<void> => {
  const plain = await readFile(path)
  if (plain.length < leastBytes) return
  await writeFile(`${path}.gz`, await compress.gz(plain, { level: 9 }))
  await writeFile(`${path}.br`, await compress.br(plain))
}
