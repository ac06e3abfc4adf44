import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A fresh folder that only this user may enter; disposing it removes it with all that is in it. */
export type TempFolder = AsyncDisposable & { readonly path: string }

// A unix socket's path is at most 107 bytes, and sockets are put into these folders.
const longestParent = 60

/** Makes a temporary folder with a short path (mode 0700). */
export const makeTempFolder = async (prefix = "twl-"): Promise<TempFolder> => {
  const parent = tmpdir().length > longestParent ? "/tmp" : tmpdir()
  const path = await mkdtemp(join(parent, prefix))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}
