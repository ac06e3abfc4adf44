import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { probeSandbox } from "../../src/jail/probe.ts"
import { findTools } from "../../src/jail/tools.ts"
import { keptRoom, sh } from "../keeper/room.ts"

let home = ""
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "twolane-home-"))
})
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

const put = (path: string, text = "#!/bin/sh\necho tool\n") => {
  mkdirSync(dirname(join(home, path)), { recursive: true })
  writeFileSync(join(home, path), text)
  chmodSync(join(home, path), 0o755)
}

const find = (...path: string[]) =>
  findTools({
    env: { PATH: [...path.map(each => join(home, each)), "/usr/bin", "relative", ""].join(":") },
    home,
    dataDir: join(home, "data/.twolane"),
    execPath: process.execPath,
    jailPaths: [],
  })

test("folders of the PATH come with their prefix, and never a home, a project or our data", async () => {
  for (const path of [
    ".nvm/v20/bin/x",
    "bin/x",
    ".local/bin/x",
    ".local/lib/y",
    "p/node_modules/.bin/x",
    "data/bin/x",
  ])
    put(path)
  mkdirSync(join(home, "data/.twolane"), { recursive: true })
  const tools = await find(
    ".nvm/v20/bin",
    "bin",
    ".local/bin",
    "p/node_modules/.bin",
    "data/bin",
    "",
    "gone/bin",
  )
  const ours = dirname(dirname(process.execPath))
  const inHome = (...paths: string[]) => paths.map(path => join(home, path))
  expect(tools.prefixes).toEqual(
    [...inHome(".local/bin", ".local/lib", ".nvm/v20", "bin", "data/bin"), ours].sort(),
  )
  expect(tools.path.split(":")).toEqual([
    dirname(process.execPath),
    ...inHome(".nvm/v20/bin", "bin", ".local/bin", "data/bin"),
    "/usr/bin",
  ])
})

test("credentials in a prefix are covered, and shims find their home", async () => {
  for (const path of [".cargo/bin/cargo", ".pyenv/shims/python3", ".rustup/toolchains/t"]) put(path)
  for (const path of [
    ".cargo/credentials.toml",
    ".pyenv/.npmrc",
    ".pyenv/etc/npmrc",
    ".pyenv/my-token",
    ".pyenv/.netrc",
  ])
    put(path, "secret")
  put(".pyenv/versions/3/lib/token.py", "code")
  const tools = await find(".cargo/bin", ".pyenv/shims")
  expect(tools.env).toEqual({ PYENV_ROOT: join(home, ".pyenv"), RUSTUP_HOME: join(home, ".rustup") })
  expect(tools.covered.map(path => path.slice(home.length + 1)).sort()).toEqual([
    ".cargo/credentials.toml",
    ".pyenv/.netrc",
    ".pyenv/.npmrc",
    ".pyenv/etc/npmrc",
    ".pyenv/my-token",
  ])
  symlinkSync("/etc/passwd", join(home, ".cargo/link"))
  await using kept = await keptRoom({ room: { tools } })
  const done = await sh(
    kept.keeper,
    `cargo; cat ${home}/.cargo/credentials.toml; ls -d ${home}/.* ; node --version; npm --version >/dev/null && echo npm`,
  )
  expect(done.output).toContain("tool\n")
  expect(done.output).not.toContain("secret")
  expect(done.output).toContain(`${process.version}\nnpm\n`)
})

test("the probe says how commands run, and with off it says so loudly", async () => {
  expect(await probeSandbox("off")).toMatchObject({
    mode: "off",
    notice: expect.stringContaining("all rights"),
  })
  const path = process.env.PATH
  process.env.PATH = home
  try {
    expect(await probeSandbox("auto")).toEqual({
      mode: "none",
      reason: expect.stringContaining("install bubblewrap"),
    })
    put("bwrap", "#!/bin/sh\necho bubblewrap 0.6.2\n")
    expect(await probeSandbox("auto")).toEqual({
      mode: "none",
      reason: expect.stringContaining("0.6 is too old"),
    })
    put(
      "bwrap",
      '#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.8.0 && exit\necho "bwrap: setting up uid map: Permission denied" >&2; exit 1\n',
    )
    expect(await probeSandbox("auto")).toEqual({
      mode: "none",
      reason: expect.stringContaining("apparmor_restrict"),
    })
  } finally {
    process.env.PATH = path
  }
})
