import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { makeEtc } from "../../src/jail/etc.ts"
import { probeSandbox, type Sandbox } from "../../src/jail/probe.ts"
import { defaultLimits, type Limits, type Room } from "../../src/jail/room.ts"
import { findTools } from "../../src/jail/tools.ts"
import { type Keeper, type KeeperOptions, startKeeper } from "../../src/keeper/client.ts"

/** A keeper over a real linked worktree of a real bare mirror, and the folder that all of it lies in. */
export type KeptRoom = AsyncDisposable & {
  keeper: Keeper
  room: Room
  folder: string
  mirror: string
  sandbox: Sandbox
}

/** What a test wants differently: files of the base commit, limits, and how the keeper is started. */
export type Wishes = {
  files?: Record<string, string | Buffer>
  limits?: Partial<Limits>
  room?: Partial<Room>
  keeper?: Partial<KeeperOptions>
}

const git = (args: string[], cwd: string): string =>
  execFileSync(
    "git",
    ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main", ...args],
    {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  ).trim()

/** Makes the mirror, the worktree and the keeper. */
export const keptRoom = async (wishes: Wishes = {}): Promise<KeptRoom> => {
  const folder = mkdtempSync(join(tmpdir(), "twolane-keeper-"))
  const { mirror, tree, head } = makeWorktree(
    folder,
    wishes.files ?? { "a.txt": "one\n", ".gitignore": "ignored/\n" },
  )
  const sandbox = wishes.keeper?.sandbox ?? (await probeSandbox("required"))
  const room: Room = {
    tree,
    cell: join(folder, "cell"),
    git: {
      objects: join(mirror, "objects"),
      index: join(mirror, "worktrees/tree/index"),
      head,
      branch: "twolane/t",
      tags: {},
    },
    shares: [],
    cache: null,
    etc: await makeEtc(folder, undefined),
    tools: await findTools({
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
      home: homedir(),
      dataDir: folder,
      execPath: process.execPath,
      jailPaths: [],
    }),
    env: {},
    limits: { ...defaultLimits, ...wishes.limits },
    ...wishes.room,
  }
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const keeper = await startKeeper({ room, sandbox, ...wishes.keeper }, soon()).catch((error: unknown) => {
    remove()
    throw error
  })
  return {
    keeper,
    room,
    folder,
    mirror,
    sandbox,
    [Symbol.asyncDispose]: async () => {
      await keeper[Symbol.asyncDispose]()
      remove()
    },
  }
}

const makeWorktree = (folder: string, files: Record<string, string | Buffer>) => {
  const source = join(folder, "source")
  mkdirSync(source)
  git(["init", "-q"], source)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(source, path)), { recursive: true })
    writeFileSync(join(source, path), text)
  }
  git(["add", "-A"], source)
  git(["commit", "-q", "-m", "base"], source)
  const mirror = join(folder, "mirror.git")
  git(["clone", "-q", "--bare", source, mirror], folder)
  const tree = join(folder, "tree")
  git(["worktree", "add", "-q", "-b", "twolane/t", tree, "HEAD"], mirror)
  return { mirror, tree, head: git(["rev-parse", "HEAD"], mirror) }
}

/** A signal that ends a hung test. */
export const soon = (ms = 60_000): AbortSignal => AbortSignal.timeout(ms)

/** Runs a shell line with a plain limit. */
export const sh = (keeper: Keeper, command: string, timeoutMs = 60_000) =>
  keeper.run({ command, timeoutMs }, soon(timeoutMs + 10_000))
