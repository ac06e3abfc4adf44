/**
 * The keeper's process. It starts with an empty environment. Compiling its modules is most of its start, so what was compiled
 * is kept in the folder that it is given.
 */
import { enableCompileCache } from "node:module"

const [folder] = process.argv.slice(2)
if (folder !== undefined) enableCompileCache(folder)
const { keepRoom } = await import("./resident.ts")
keepRoom()
