import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A folder that is removed at the end of its scope. */
export const makeScratch = (): Disposable & { path: (name: string) => string } => {
  const folder = mkdtempSync(join(tmpdir(), "twolane-"))
  return {
    path: name => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
