import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { type Config, ConfigError, keptKeys, keyPath, partEnvironment, readHost } from "@twolane/common"
import {
  defaultDiskFloor,
  diskProblem,
  diskSpace,
  findTools,
  gitProblem,
  gitVersion,
  probeSandbox,
  type Sandbox,
} from "@twolane/workspace"
import { programsOf } from "../preflight/packages.ts"
import { isOnPath } from "../preflight/preflight.ts"
import { pathWithoutNpm } from "../up/plan.ts"
import { tooOld } from "../up/private-redis.ts"
import { bad, type Finding, ok, warn } from "./finding.ts"

/** Above this, workspaces of large repositories take long to make. */
const slowFileMs = 0.5
const triedFiles = 200

/** Node, the user, and the settings. */
export const checkBasics = (config: Config): Finding[] => [
  ok("node", `${process.version} for Twolane itself`),
  checkUser(process.getuid?.()),
  ...config.warnings.map(text => warn("settings", text)),
]

/** Whether it runs as root. */
export const checkUser = (uid: number | undefined): Finding =>
  uid === 0
    ? warn("user", "running as root: it works and is as tight, but an ordinary user is better")
    : ok("user", "not root")

/** The first admin key and the key that encrypts secrets: nobody else may read them, and losing the second loses the secrets. */
export const checkKeys = (config: Config): Finding => {
  if (config.apiKey !== null && config.secretKey !== null) return ok("keys", "from the settings")
  try {
    if (keptKeys(config.dataDir) === null) return ok("keys", "none yet: the first start makes them")
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return bad("keys", error.message)
  }
  const path = keyPath(config.dataDir)
  const others = statSync(path).mode & 0o077
  return others === 0
    ? ok("keys", path)
    : bad("keys", `others may read ${path}: chmod 600 it, and change what it keeps`)
}

/** The private Redis's program; a Redis of one's own is looked at by `checkRedisSettings`. */
export const checkRedisProgram = (config: Config): Finding => {
  if (config.redisUrl !== null) return ok("redis", "REDIS_URL is set; no private one is started")
  const program = programsOf.redis.find(name => isOnPath(name))
  if (program === undefined) return bad("redis", `none of ${programsOf.redis.join(", ")} is on PATH`)
  const old = tooOld(program)
  return old === null ? ok("redis", `${program}, private, appendfsync always`) : bad("redis", old)
}

/** The git that serves mirrors and worktrees. */
export const checkGit = async (): Promise<Finding> => {
  if (!isOnPath("git")) return bad("git", "git is not on PATH")
  const version = await gitVersion()
  const problem = gitProblem(version)
  if (problem === null) return ok("git", version.join("."))
  return problem.fatal ? bad("git", problem.text) : warn("git", problem.text)
}

/** Whether commands can be jailed here. */
export const checkJail = async (config: Config): Promise<Finding[]> =>
  jailFindings(await probeSandbox(config.sandbox), config)

/** What a probe of the jail says. */
export const jailFindings = (sandbox: Sandbox, config: Pick<Config, "sandbox">): Finding[] => {
  if (sandbox.mode === "off") return [warn("jail", sandbox.notice)]
  if (sandbox.mode === "none")
    return [
      config.sandbox === "required"
        ? bad("jail", sandbox.reason)
        : warn("jail", `commands are refused: ${sandbox.reason}`),
    ]
  return [
    ok("jail", "bubblewrap works"),
    ...(sandbox.notice === null ? [] : [warn("jail limits", sandbox.notice)]),
  ]
}

/** Which tools a repository's commands find in the jail. */
export const checkTools = async (config: Config): Promise<Finding[]> => {
  const path = pathWithoutNpm(readHost().path)
  const tools = await findTools({
    env: { ...partEnvironment({}), PATH: path },
    home: homedir(),
    dataDir: config.dataDir,
    execPath: process.execPath,
    jailPaths: [...config.jailPaths],
  })
  return ["node", "npm", "python3", "go"].map(name => {
    const { stdout, status } = spawnSync(name, [name === "go" ? "version" : "--version"], {
      encoding: "utf8",
      env: { PATH: tools.path, HOME: "/nonexistent" },
      timeout: 10_000,
    })
    return status === 0 ? ok(`jail's ${name}`, stdout.trim()) : ok(`jail's ${name}`, "none")
  })
}

/** Room in the data folder, and how fast files are made there. */
export const checkDisk = async (config: Config): Promise<Finding[]> => {
  const folder = nearestFolder(config.dataDir)
  const space = await diskSpace(folder)
  const problem = diskProblem(space, defaultDiskFloor)
  const room =
    problem === null
      ? ok("disk", `${Math.floor(space.freeBytes / 1024 ** 3)} GiB free in ${folder}`)
      : bad("disk", problem)
  return [room, checkFileSpeed(timeFiles(folder))]
}

/** Whether files are made fast enough for large checkouts. */
export const checkFileSpeed = (fileMs: number): Finding => {
  const speed = `${fileMs.toFixed(2)} ms to make a file`
  return fileMs > slowFileMs
    ? warn("file speed", `${speed}: large checkouts will be slow`)
    : ok("file speed", speed)
}

const nearestFolder = (folder: string): string =>
  existsSync(folder) ? folder : nearestFolder(dirname(folder))

const timeFiles = (folder: string): number => {
  const scratch = mkdtempSync(join(folder, ".doctor-"))
  try {
    const startedAt = performance.now()
    for (let index = 0; index < triedFiles; index += 1) writeFileSync(join(scratch, `${index}`), "x")
    return (performance.now() - startedAt) / triedFiles
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
