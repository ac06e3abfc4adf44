import { packageJsonDependencies } from "./package-json.ts"
import { cargoDependencies, pyprojectDependencies, requirement } from "./toml.ts"

/** One thing that a manifest asks for; `spec` is a version, range, address or table, as text. */
export type Dependency = { name: string; spec: string }

type Kind = { names: RegExp; read: (text: string) => Dependency[] }

const kinds: readonly Kind[] = [
  { names: /^package\.json$/, read: packageJsonDependencies },
  { names: /^(?:requirements|constraints)[^/]*\.(?:txt|in)$/, read: requirementsDependencies },
  { names: /^pyproject\.toml$/, read: pyprojectDependencies },
  { names: /^go\.(?:mod|work)$/, read: goDependencies },
  { names: /^Cargo\.toml$/, read: cargoDependencies },
]

const lockfiles =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|go\.sum|go\.work\.sum|Cargo\.lock)$/
const installSettings =
  /^(?:\.npmrc|\.yarnrc(?:\.yml)?|\.pnpmfile\.c?js|pnpm-workspace\.yaml|bunfig\.toml|pip\.conf|pip\.ini|uv\.toml|\.pypirc)$/

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** Whether this is a lockfile of a package manager that Twolane knows. */
export const isLockfile = (path: string): boolean => lockfiles.test(nameOf(path))

/** Whether this file says where packages come from, or what may run while they are installed. */
export const isInstallSetting = (path: string): boolean =>
  installSettings.test(nameOf(path)) ||
  /(?:^|\/)\.cargo\/config(?:\.toml)?$/.test(path) ||
  /(?:^|\/)\.yarn\//.test(path)

/** Reads a manifest's dependencies; null when the path is no manifest. The reader throws on text it can't read. */
export function manifestReader(path: string): Kind["read"] | null {
  const inFolder = /(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/.test(path)
  if (inFolder) return requirementsDependencies
  return kinds.find(kind => kind.names.test(nameOf(path)))?.read ?? null
}

function requirementsDependencies(text: string): Dependency[] {
  return text
    .replaceAll(/\\\r?\n/g, " ")
    .split("\n")
    .map(line => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter(line => line !== "")
    .map(requirement)
}

/** `require`, `replace` and `tool`, on one line or in a block. */
function goDependencies(text: string): Dependency[] {
  const dependencies: Dependency[] = []
  let block: string | null = null
  for (const raw of text.split("\n")) {
    const line = raw.replace(/\/\/.*$/, "").trim()
    const [, verb, rest = ""] = /^(require|replace|tool|exclude|retract|use)\b\s*(.*)$/.exec(line) ?? []
    if (line === ")") block = null
    else if (verb !== undefined && rest === "(") block = verb
    else {
      const said = block ?? verb
      const [name, ...spec] = (block === null ? rest : line).split(/\s+/)
      if (name && (said === "require" || said === "replace" || said === "tool"))
        dependencies.push({ name, spec: `${said === "require" ? "" : `${said} `}${spec.join(" ")}` })
    }
  }
  return dependencies
}
