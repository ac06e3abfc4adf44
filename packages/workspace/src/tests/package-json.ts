import { posix } from "node:path"
import { z } from "zod"

const texts = z.record(z.string(), z.string()).catch({})
const Manifest = z.object({ scripts: texts, dependencies: texts, devDependencies: texts })

/** Of a `package.json`, what tells how its tests are run; each empty where it says nothing of use. */
export type PackageJson = z.infer<typeof Manifest>

const nothing: PackageJson = { scripts: {}, dependencies: {}, devDependencies: {} }

/** Reads a folder's `package.json`; null where there is none. One that can't be read says nothing. */
export async function readPackageJson(
  folder: string,
  read: (path: string) => Promise<string | null>,
): Promise<PackageJson | null> {
  const text = await read(posix.join(folder, "package.json"))
  if (text === null) return null
  try {
    return Manifest.catch(nothing).parse(JSON.parse(text))
  } catch {
    // It is no JSON: running it says the rest.
    return nothing
  }
}
