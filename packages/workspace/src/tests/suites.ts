import { posix } from "node:path"
import { readPackageJson } from "./package-json.ts"
import type { TestRoom } from "./room.ts"
import { type Runner, runnerOf } from "./runners.ts"
import { plainLine } from "./shell-words.ts"

/** A folder with tests of its own: how they are run, and the script that runs them all. */
export type Suite = {
  folder: string
  runner: Runner["name"] | "unknown"
  /** The shell line for all of the folder's tests; null where none is known. */
  all: string | null
  /** A `package.json`'s `test` script. */
  script?: string
}

/** Finds suites in a tree, looking at each folder once. */
export type Suites = {
  /** The suite that a changed file belongs to: of its own folder or the nearest one above; null for none. */
  ofFile(path: string): Promise<Suite | null>
  /** The suites of the root: a repository may have several languages. */
  ofRoot(): Promise<Suite[]>
}

type Language = "js" | "python" | "go" | "rust"
const languages: readonly Language[] = ["js", "python", "go", "rust"]

const filesOf: Readonly<Record<Language, RegExp>> = {
  js: /\.(?:[cm]?[jt]sx?|vue|svelte|json)$/,
  python: /\.py$|(?:^|\/)(?:pyproject\.toml|setup\.cfg)$/,
  go: /\.go$|(?:^|\/)go\.(?:mod|sum)$/,
  rust: /\.rs$|(?:^|\/)Cargo\.(?:toml|lock)$/,
}

/** A finder of suites over a room. */
export function createSuites(room: TestRoom, signal: AbortSignal): Suites {
  const known = new Map<string, Promise<Suite | null>>()
  const find = (language: Language, folder: string): Promise<Suite | null> => {
    const key = `${language}:${folder}`
    const found = known.get(key) ?? finders[language](room, folder, signal)
    known.set(key, found)
    return found
  }
  return {
    async ofFile(path) {
      const language = languages.find(one => filesOf[one].test(path))
      if (!language) return null
      for (const folder of foldersAbove(path)) {
        const suite = await find(language, folder)
        if (suite) return suite
      }
      return null
    },
    async ofRoot() {
      const suites = await Promise.all(languages.map(language => find(language, "")))
      return suites.filter(suite => suite !== null)
    },
  }
}

/** A file's folder and those above it, the root (``) last. */
export function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1)
  return parts.map((_, n) => parts.slice(0, parts.length - n).join("/")).concat("")
}

type Finder = (room: TestRoom, folder: string, signal: AbortSignal) => Promise<Suite | null>

const finders: Readonly<Record<Language, Finder>> = {
  js: findJs,
  python: findPython,
  go: findGo,
  rust: findRust,
}

async function findJs(room: TestRoom, folder: string, signal: AbortSignal): Promise<Suite | null> {
  const json = await readPackageJson(folder, path => room.read(path, signal))
  if (json === null) return null
  const script = scriptOf(json.scripts.test)
  const direct =
    script === undefined
      ? undefined
      : runnerOf((plainLine(script)?.commands.at(-1) ?? []).map(word => word.text))
  const brought = { ...json.dependencies, ...json.devDependencies }
  const runner = direct?.name ?? ("vitest" in brought ? "vitest" : "jest" in brought ? "jest" : "unknown")
  if (script === undefined && runner === "unknown") return null
  const all =
    script === undefined
      ? `npx ${runner}${runner === "vitest" ? " run" : ""}`
      : `${await managerOf(room, signal)} test`
  return { folder, runner, all, ...(script === undefined ? {} : { script }) }
}

/** npm writes a script that only fails into a new package.json. */
const scriptOf = (script: string | undefined): string | undefined =>
  script === undefined || /no test specified/.test(script) ? undefined : script

async function managerOf(room: TestRoom, signal: AbortSignal): Promise<string> {
  const locks = { pnpm: "pnpm-lock.yaml", yarn: "yarn.lock", "bun run": "bun.lock" }
  for (const [manager, lock] of Object.entries(locks)) if (await room.exists(lock, signal)) return manager
  return "npm"
}

async function findPython(room: TestRoom, folder: string, signal: AbortSignal): Promise<Suite | null> {
  const has = (name: string): Promise<boolean> => room.exists(posix.join(folder, name), signal)
  const says = async (name: string, pattern: RegExp): Promise<boolean> =>
    pattern.test((await room.read(posix.join(folder, name), signal)) ?? "")
  const found =
    (await has("pytest.ini")) ||
    (await has("conftest.py")) ||
    (await says("pyproject.toml", /\bpytest\b/)) ||
    (await says("setup.cfg", /\bpytest\b/)) ||
    (await says("tox.ini", /\bpytest\b/)) ||
    (await says("requirements-dev.txt", /^pytest\b/m)) ||
    (await says("requirements.txt", /^pytest\b/m))
  return found ? { folder, runner: "pytest", all: `${await pythonOf(room, folder, signal)} -m pytest` } : null
}

/** The repository's own virtual environment where setup made one. */
const pythonOf = async (room: TestRoom, folder: string, signal: AbortSignal): Promise<string> =>
  (await room.exists(".venv/bin/python", signal)) ? posix.relative(folder, ".venv/bin/python") : "python3"

async function findGo(room: TestRoom, folder: string, signal: AbortSignal): Promise<Suite | null> {
  const found = await room.exists(posix.join(folder, "go.mod"), signal)
  return found ? { folder, runner: "go", all: "go test ./..." } : null
}

async function findRust(room: TestRoom, folder: string, signal: AbortSignal): Promise<Suite | null> {
  const found = await room.exists(posix.join(folder, "Cargo.toml"), signal)
  return found ? { folder, runner: "cargo", all: "cargo test" } : null
}
