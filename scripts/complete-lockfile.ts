/** `npm run lockfile`: adds to package-lock.json the optional packages that this registry does not have. See lockfile/complete.ts. */
import { readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { completeLockfile, missingOptional, parseLockfile } from "./lockfile/complete.ts"

const path = resolve(import.meta.dirname, "../package-lock.json")
const lockfile = parseLockfile(readFileSync(path, "utf8"))
const missing = missingOptional(lockfile)
if (missing.length > 0) writeFileSync(path, `${JSON.stringify(completeLockfile(lockfile), null, 2)}\n`)
console.log(`${missing.length} packages were added`)
