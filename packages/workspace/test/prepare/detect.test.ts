import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { detectSetup } from "../../src/prepare/detect.ts"
import { preparedKey } from "../../src/prepare/key.ts"
import { findRegistries, namedHosts } from "../../src/prepare/registries.ts"
import { copyIncluded, copyShares, findShared, takeShares } from "../../src/prepare/shares.ts"

const base = (files: Record<string, string>) => async (path: string) => files[path] ?? null

test.each([
  [{ "package-lock.json": "{}" }, "npm ci"],
  [{ "yarn.lock": "", ".yarnrc.yml": "" }, "yarn install --immutable"],
  [
    { "pnpm-lock.yaml": "", "package.json": '{"packageManager":"pnpm@9.1.0+sha512.x"}' },
    "--package pnpm@9.1.0 pnpm install --frozen-lockfile",
  ],
  [{ "requirements.txt": "x" }, "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"],
  [{ "uv.lock": "", "requirements.txt": "" }, "uv sync --frozen"],
  [{ "go.sum": "", "Cargo.lock": "" }, "go mod download && cargo fetch --locked"],
])("%j is set up by %s", async (files, command) => {
  expect((await detectSetup(undefined, base(files as Record<string, string>)))?.command).toContain(command)
})

test("the command of twolane.yaml goes before what is detected, and no lockfile means no setup", async () => {
  expect(await detectSetup(undefined, base({ "README.md": "" }))).toBeNull()
  expect(await detectSetup("make deps", base({ "package-lock.json": "{}" }))).toEqual({
    command: "make deps",
    managers: ["npm"],
    lockfiles: ["package-lock.json"],
  })
})

test("hosts come from where packages are, not from other addresses of a lockfile", () => {
  const hosts = (text: string) =>
    namedHosts(text).map(({ host, port }) => (port === null ? host : `${host}:${port}`))
  expect(
    hosts('"resolved": "https://npm.corp.test/a.tgz", "funding": { "url": "https://funder.test" }'),
  ).toEqual(["npm.corp.test"])
  expect(hosts('a@1:\n  version "1"\n  resolved "https://yarn.test:8443/a.tgz#hash"\n')).toEqual([
    "yarn.test:8443",
  ])
  expect(hosts("resolution: {integrity: x, tarball: https://tar.test/a.tgz}")).toEqual(["tar.test"])
  expect(hosts('source = "registry+https://crates.corp.test/index"')).toEqual(["crates.corp.test"])
  expect(hosts("--extra-index-url https://py.test/simple\nrequests==2")).toEqual(["py.test"])
  expect(hosts("@corp:registry=https://scoped.test/\nregistry=http://plain.test:4873")).toEqual([
    "scoped.test",
    "plain.test:4873",
  ])
})

test("a listed network is taken as it is, auto adds the managers' own registries", async () => {
  const setup = { command: "x", managers: ["cargo" as const], lockfiles: ["Cargo.lock"] }
  const read = base({ "Cargo.lock": 'source = "registry+https://crates.corp.test/index"' })
  expect((await findRegistries(["a.test", "*.b.test:8443"], setup, read)).allowed).toEqual([
    { host: "a.test", port: null, internal: false },
    { host: "*.b.test", port: 8443, internal: false },
  ])
  const auto = (await findRegistries("auto", setup, read)).allowed.map(each => each.host)
  expect(auto).toEqual(["index.crates.io", "static.crates.io", "crates.io", "crates.corp.test"])
})

test("the key changes with what decides an install, and with nothing else", async () => {
  const setup = { command: "npm ci", managers: ["npm" as const], lockfiles: ["package-lock.json"] }
  const files = { "package-lock.json": "1", "package.json": "{}", "README.md": "a" }
  const key = (over: Record<string, string>, tools = "node 24", share = ["node_modules"]) =>
    preparedKey({ setup, share, tools }, base({ ...files, ...over }))
  const first = await key({})
  expect(await key({ "README.md": "b" })).toBe(first)
  const others = [
    await key({ "package-lock.json": "2" }),
    await key({ "twolane.yaml": "" }),
    await key({}, "node 25"),
    await key({}, "node 24", []),
  ]
  expect(new Set([first, ...others]).size).toBe(5)
})

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "twolane-shares-"))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const put = (...paths: string[]) => {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), path)
  }
}

test("shared folders are found outermost, taken out, and copied into another tree", async () => {
  put("t/node_modules/a/node_modules/b/f", "t/packages/x/node_modules/c", "t/dist/out/f", "t/other/dist/f")
  symlinkSync("/etc", join(folder, "t/packages/node_modules"))
  const tree = join(folder, "t")
  expect(await findShared(tree, ["node_modules", "dist/out"])).toEqual([
    "dist/out",
    "node_modules",
    "packages/x/node_modules",
  ])
  const paths = await takeShares(tree, ["node_modules"], join(folder, "taken"))
  const shares = paths.map((path, index) => ({ path, from: join(folder, "taken", `${index}`) }))
  put("new/file")
  await copyShares(join(folder, "new"), shares, AbortSignal.timeout(60_000))
  expect(readFileSync(join(folder, "new/packages/x/node_modules/c"), "utf8")).toBe(
    "t/packages/x/node_modules/c",
  )
})

test("included files are copied when they are there, links are not", async () => {
  put("from/.env.test", "from/fixtures/a")
  symlinkSync("/etc/passwd", join(folder, "from/link"))
  mkdirSync(join(folder, "to"))
  const names = [".env.test", "fixtures", "link", "absent"]
  expect(await copyIncluded(join(folder, "from"), join(folder, "to"), names)).toEqual([
    ".env.test",
    "fixtures",
  ])
  expect(readFileSync(join(folder, "to/fixtures/a"), "utf8")).toBe("from/fixtures/a")
})
