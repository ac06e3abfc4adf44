/** `npm run validate`: every check, the short benches (has a ratio become twice as bad?), then every test, whose count is the last line in any case. */
import { spawnSync } from "node:child_process"
import { resolve } from "node:path"
import { partEnvironment } from "../packages/common/src/index.ts"
import { prepareMachine } from "./testing/prepare-machine.ts"

const root = resolve(import.meta.dirname, "..")
const env = partEnvironment({ TURBO_TELEMETRY_DISABLED: "1" })
const run = (...args: string[]): boolean =>
  spawnSync("npm", ["run", "--silent", ...args], { cwd: root, stdio: "inherit", env }).status === 0

const checked = run("check")
if (!checked) console.log("Checks failed (see above).")
const fast = (await prepareMachine()) && run("bench", "--", "--check")
if (!fast) console.log("The short benches failed (see above).")
const tested = run("test")
process.exitCode = checked && fast && tested ? 0 : 1
