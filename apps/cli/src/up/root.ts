import { resolve } from "node:path"
import { fileURLToPath } from "node:url"

/** The project's own folder: parts are started there, by relative paths, so that a process list shows their names. */
export const projectRoot: string = resolve(fileURLToPath(new URL("../../../..", import.meta.url)))
