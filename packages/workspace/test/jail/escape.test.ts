import { execFile } from "node:child_process"
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"

type Report = {
  uid: number
  mode: string
  escaped: string[]
  held: number
  control: string
  fds: string
  changes: string[]
}

const fixture = fileURLToPath(new URL("escape-fixture.ts", import.meta.url))

/** Runs all probes in a process of its own, with a canary in its environment, as this user or as nobody. */
const probeAs = async (nobody: boolean): Promise<Report> => {
  const folder = mkdtempSync(join(tmpdir(), "twolane-escape-"))
  chmodSync(folder, 0o777)
  const as = nobody ? ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] : []
  try {
    const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, CANARY_TOKEN: "canary-7f3a" }
    const { stdout } = await promisify(execFile)("env", [...as, process.execPath, fixture], {
      env,
      cwd: "/",
      timeout: 100_000,
    })
    return JSON.parse(stdout) as Report
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const isRoot = process.getuid?.() === 0

test.runIf(isRoot).each([
  { user: "root", nobody: false, uid: 0 },
  { user: "an ordinary user", nobody: true, uid: 65_534 },
])("nothing leaves the jail when the service is $user", async ({ nobody, uid }) => {
  const report = await probeAs(nobody)
  expect(report).toMatchObject({
    uid,
    mode: "jail",
    escaped: [],
    control: "control works\n",
    fds: "0\n1\n2\n",
  })
  expect(report.held).toBeGreaterThan(35)
  expect(report.changes).toEqual([])
})

test.runIf(!isRoot)("nothing leaves the jail", async () => {
  expect(await probeAs(false)).toMatchObject({ mode: "jail", escaped: [], fds: "0\n1\n2\n" })
})
