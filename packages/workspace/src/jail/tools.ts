import { readdir, realpath, stat } from "node:fs/promises"
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path"

/** The tools that jails see: their PATH, the host folders mounted read-only for it, and the files in them that are covered. */
export type Tools = {
  path: string
  prefixes: string[]
  covered: string[]
  env: Record<string, string>
}

/** What the tools are found by: the worker's environment, its home, our data folder, our node, and more folders to mount. */
export type ToolSources = {
  env: Readonly<Record<string, string | undefined>>
  home: string
  dataDir: string
  execPath: string
  jailPaths: string[]
}

/** The tools' version managers, by the folder name of their prefix: the variable that leads their shims to it. */
const managers: Record<string, string> = {
  ".asdf": "ASDF_DATA_DIR",
  ".pyenv": "PYENV_ROOT",
  ".rbenv": "RBENV_ROOT",
  ".volta": "VOLTA_HOME",
}

/**
 * Finds the tools for the jails: each folder of the worker's PATH outside `/usr` with its install prefix, never a home
 * folder itself. A project's `node_modules/.bin` is no tool; our own node stands first instead.
 */
export const findTools = async (sources: ToolSources): Promise<Tools> => {
  const dirs = [dirname(sources.execPath), ...(sources.env.PATH ?? "").split(":")]
  const path: string[] = []
  const prefixes = new Set<string>()
  const env: Record<string, string> = {}
  for (const dir of new Set(dirs)) {
    if (!isAbsolute(dir) || isProjectBin(dir) || !(await isDirectory(dir))) continue
    const found = await prefixesOf(dir, sources)
    if (found === null) continue
    path.push(dir)
    for (const prefix of found) {
      prefixes.add(prefix)
      const variable = managers[basename(prefix)]
      if (variable) env[variable] = prefix
    }
    const rustup = await rustupOf(dir, sources)
    if (rustup === null) continue
    prefixes.add(rustup)
    env.RUSTUP_HOME = rustup
  }
  for (const extra of sources.jailPaths)
    if ((await isDirectory(extra)) && !isWithin(extra, sources.dataDir)) prefixes.add(extra)
  const outermost = dropNested([...prefixes])
  const covered = (await Promise.all(outermost.map(prefix => findCredentials(prefix)))).flat()
  return { path: path.join(":"), prefixes: outermost, covered, env }
}

/** The folders to mount for one folder of the PATH: none inside `/usr`, and null where it must not be mounted at all. */
const prefixesOf = async (dir: string, sources: ToolSources): Promise<string[] | null> => {
  const real = await realpath(dir)
  if (isWithin("/usr", real)) return isWithin("/usr", dir) || /^\/s?bin$/.test(dir) ? [] : null
  if (isSacred(real, sources)) return null
  const parent = dirname(real)
  const named = /^(bin|sbin|shims)$/.test(basename(real))
  if (!named || isSacred(parent, sources)) return [...new Set([dir, real])]
  // `~/.local` holds keyrings and histories beside its `bin` and `lib`.
  const wanted = basename(parent) === ".local" ? [real, join(parent, "lib")] : [parent]
  const existing = await Promise.all(wanted.map(async each => ((await isDirectory(each)) ? each : null)))
  const mounted = existing.filter(each => each !== null)
  return mounted.some(each => isWithin(each, dir)) ? mounted : [...mounted, dir]
}

/** A folder that is never mounted: the root, a home or what contains one, our data, and the system's own state. */
const isSacred = (folder: string, { home, dataDir }: ToolSources): boolean =>
  isWithin(folder, home) ||
  isWithin(folder, dataDir) ||
  isWithin(dataDir, folder) ||
  dirname(folder) === "/home" ||
  ["/", "/root", "/home", "/etc", "/tmp", "/run", "/dev", "/proc", "/sys", "/boot"].includes(folder) ||
  /^\/var(\/(lib|run|tmp|log))?$/.test(folder)

const isProjectBin = (dir: string): boolean =>
  /\/node_modules\/\.bin\/?$/.test(dir) || dir.includes("/@npmcli/run-script/")

/** cargo and rustc in a rustup install are proxies: the toolchains lie in another folder. */
const rustupOf = async (dir: string, { env, home }: ToolSources): Promise<string | null> => {
  if (!dir.endsWith("/.cargo/bin") && env.CARGO_HOME !== dirname(dir)) return null
  const folder = env.RUSTUP_HOME ?? join(home, ".rustup")
  return (await isDirectory(folder)) ? folder : null
}

const dropNested = (folders: string[]): string[] =>
  folders.filter(folder => !folders.some(other => other !== folder && isWithin(other, folder))).sort()

const isWithin = (folder: string, path: string): boolean => {
  const way = relative(resolve(folder), resolve(path))
  return way === "" || (!way.startsWith("..") && !isAbsolute(way))
}

const credentials = /^(credentials.*|\.?npmrc|\.pypirc|\.netrc|_netrc|.*token.*)$/i
const code = /\.(c?[jt]sx?|m[jt]s|py[co]?|pyi|rb|go|rs|h|c|so|html?|map|md|1)$/i
const libraries = new Set([
  "lib",
  "lib64",
  "libexec",
  "include",
  "node_modules",
  "share",
  "src",
  "versions",
  "toolchains",
])

/** Files in a prefix that may hold credentials. Library folders are left out: they are full of harmless `token.py`. */
const findCredentials = async (prefix: string, depth = 0): Promise<string[]> => {
  const found: string[] = []
  for (const entry of await readdir(prefix, { withFileTypes: true }).catch(() => [])) {
    const path = join(prefix, entry.name)
    if (entry.isDirectory() && depth < 2 && !libraries.has(entry.name) && !/^s?bin$/.test(entry.name))
      found.push(...(await findCredentials(path, depth + 1)))
    else if (entry.isFile() && credentials.test(entry.name) && !code.test(entry.name)) found.push(path)
  }
  return found
}

const isDirectory = async (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
