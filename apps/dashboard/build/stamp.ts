import { createHash } from "node:crypto"
import { glob, readFile } from "node:fs/promises"
import { join, resolve } from "node:path"

/** What the page is made of, from the repository's root. */
const inputs = [
  "apps/dashboard/{src,public,build}/**/*.*",
  "apps/dashboard/{index.html,vite.config.ts,package.json,tsconfig.json}",
  "packages/{client,protocol}/src/**/*.ts",
  "package-lock.json",
]

/** A hash of all that the page is made of: another one means that it has to be built again. */
export const stampOf = async (home: string): Promise<string> => {
  const root = resolve(home, "../..")
  const paths = (await Array.fromAsync(glob(inputs, { cwd: root }))).toSorted()
  const hash = createHash("sha256")
  for (const path of paths) hash.update(`${path}\n`).update(await readFile(join(root, path)))
  return hash.digest("hex")
}

/** The stamp of what was built into a folder; null without one. */
export const readStamp = async (folder: string): Promise<string | null> => {
  try {
    return await readFile(join(folder, ".stamp"), "utf8")
  } catch {
    return null // nothing was built there
  }
}
