import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { expect, test } from "vitest"
import { completeLockfile, missingOptional, parseLockfile } from "./complete.ts"

test("our lockfile has every platform's packages, so that npm ci takes it everywhere", () => {
  const text = readFileSync(resolve(import.meta.dirname, "../../package-lock.json"), "utf8")
  expect(missingOptional(parseLockfile(text)), "run: npm run lockfile").toEqual([])
})

test("a package for another platform is locked for that platform alone", () => {
  const parent = {
    version: "1.0.0",
    dev: true,
    optionalDependencies: {
      "@x/cli-linux-x64": "1.0.0",
      "@x/linux-arm64-musl": "1.0.0",
      "@x/windows-64": "1.0.0",
    },
  }
  const lockfile = {
    packages: { "node_modules/x": parent, "node_modules/@x/cli-linux-x64": { version: "1.0.0" } },
  }
  const { packages } = completeLockfile(lockfile)
  expect(packages["node_modules/@x/cli-linux-x64"]).toEqual({ version: "1.0.0" })
  expect(packages["node_modules/@x/linux-arm64-musl"]).toEqual({
    version: "1.0.0",
    cpu: ["arm64"],
    dev: true,
    libc: ["musl"],
    optional: true,
    os: ["linux"],
  })
  expect(packages["node_modules/@x/windows-64"]).toMatchObject({ cpu: ["x64"], os: ["win32"] })
})
