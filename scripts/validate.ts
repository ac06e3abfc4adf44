/** `npm run validate`: every check, then every test. The last line is the tests' count, also when a check failed. */
import { spawnSync } from "node:child_process"
import { resolve } from "node:path"
import { partEnvironment } from "../packages/common/src/index.ts"

const root = resolve(import.meta.dirname, "..")
const env = partEnvironment({ TURBO_TELEMETRY_DISABLED: "1" })
const run = (...args: string[]): boolean =>
  spawnSync("npm", ["run", "--silent", ...args], { cwd: root, stdio: "inherit", env }).status === 0

const checked = run("check")
if (!checked) console.log("Checks failed (see above).")
const tested = run("test")
process.exitCode = checked && tested ? 0 : 1
