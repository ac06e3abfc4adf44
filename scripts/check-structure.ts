/** Checks import direction, file sizes, and who may start processes and read the environment. `npm run check:structure`. */
import { globSync, readFileSync } from "node:fs"
import { breaches } from "./structure/rules.ts"

const paths = globSync("{apps,packages,scripts,bench}/**/*.{ts,tsx,js}", {
  exclude: path => /(?:^|\/)(?:node_modules|dist|fixtures)(?:\/|$)/.test(path),
})
const found = paths
  .map(path => ({ path: path.replaceAll("\\", "/"), text: readFileSync(path, "utf8") }))
  .flatMap(breaches)

for (const { path, line, message } of found) console.log(`${path}:${line} ${message}`)
console.log(found.length === 0 ? `${paths.length} files are in order` : `${found.length} breaches`)
process.exitCode = found.length === 0 ? 0 : 1
