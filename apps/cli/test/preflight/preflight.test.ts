import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { makeTempFolder } from "@twolane/testkit"
import { expect, test } from "vitest"

const script = resolve(import.meta.dirname, "run-preflight.ts")

/** A PATH with nothing but a package manager that writes down what it is asked for, and brings a `bwrap`. */
const fakeSystem = (folder: string): { path: string; asked: string } => {
  const path = join(folder, "bin")
  const asked = join(folder, "asked")
  mkdirSync(path)
  const bwrap = `case "$*" in install*) echo "#!/bin/sh" > ${path}/bwrap; /bin/chmod 755 ${path}/bwrap;; esac`
  writeFileSync(join(path, "apt-get"), `#!/bin/sh\necho "$*" >> ${asked}\n${bwrap}\n`)
  chmodSync(join(path, "apt-get"), 0o755)
  return { path, asked }
}

const runPreflight = (path: string, allowed: boolean): string =>
  spawnSync(process.execPath, [script, allowed ? "allowed" : "forbidden"], {
    env: { PATH: path },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).stdout

const asRoot = process.getuid?.() === 0

test.runIf(asRoot)(
  "without a terminal root installs what is missing, and leaves no policy file behind",
  async () => {
    await using folder = await makeTempFolder("twl-preflight-")
    const { path, asked } = fakeSystem(folder.path)
    const policyBefore = existsSync("/usr/sbin/policy-rc.d")
    const said = runPreflight(path, true)
    expect(said).toContain("Missing: bubblewrap. Installing with: apt-get update -qq && ")
    expect(said).toContain("result: true")
    expect(readFileSync(asked, "utf8")).toBe(
      "update -qq\ninstall -y -qq --no-install-recommends bubblewrap\n",
    )
    expect(existsSync("/usr/sbin/policy-rc.d")).toBe(policyBefore)
  },
)

test("when it is forbidden nothing is run, and the exact command is said", async () => {
  await using folder = await makeTempFolder("twl-preflight-")
  const { path, asked } = fakeSystem(folder.path)
  const said = runPreflight(path, false)
  expect(said).toContain("Missing: bubblewrap. Install with: ")
  expect(said).toContain("result: false")
  expect(existsSync(asked)).toBe(false)
})
