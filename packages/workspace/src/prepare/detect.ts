/** Reads a file of the base commit by its path; null when it is not there. */
export type ReadBase = (path: string) => Promise<string | null>

/** A package manager that setups are known for. */
export type Manager = "npm" | "pnpm" | "yarn" | "pip" | "go" | "cargo"

/** How a repository is set up: the shell line, the lockfiles that decide what it installs, and who installs. */
export type Setup = { command: string; managers: Manager[]; lockfiles: string[] }

type Row = { manager: Manager; lockfiles: string[]; command: (read: ReadBase) => Promise<string> }

const fixed = (command: string) => async (): Promise<string> => command

/** By lockfile, the first of each language wins. pnpm and yarn come by npx in the version that the repository names. */
const javascript: Row[] = [
  { manager: "npm", lockfiles: ["package-lock.json", "npm-shrinkwrap.json"], command: fixed("npm ci") },
  {
    manager: "pnpm",
    lockfiles: ["pnpm-lock.yaml"],
    command: read => viaNpx("pnpm", "install --frozen-lockfile", read),
  },
  {
    manager: "yarn",
    lockfiles: ["yarn.lock"],
    command: async read =>
      viaNpx(
        "yarn",
        (await read(".yarnrc.yml")) === null ? "install --frozen-lockfile" : "install --immutable",
        read,
      ),
  },
]
const python: Row[] = [
  { manager: "pip", lockfiles: ["uv.lock"], command: fixed("uv sync --frozen") },
  {
    manager: "pip",
    lockfiles: ["poetry.lock"],
    command: fixed("POETRY_VIRTUALENVS_IN_PROJECT=1 poetry install --no-interaction"),
  },
  {
    manager: "pip",
    lockfiles: ["requirements.txt"],
    command: fixed("python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"),
  },
]
const go: Row[] = [{ manager: "go", lockfiles: ["go.sum"], command: fixed("go mod download") }]
const cargo: Row[] = [{ manager: "cargo", lockfiles: ["Cargo.lock"], command: fixed("cargo fetch --locked") }]

/**
 * How the base commit is set up: by the command that its `twolane.yaml` names, else by what its lockfiles say. Null when
 * there is nothing to set up.
 */
export const detectSetup = async (named: string | undefined, read: ReadBase): Promise<Setup | null> => {
  const commands: string[] = []
  const managers: Manager[] = []
  const lockfiles: string[] = []
  for (const language of [javascript, python, go, cargo])
    for (const row of language) {
      const present = await presentOf(row.lockfiles, read)
      if (present.length === 0) continue
      commands.push(await row.command(read))
      managers.push(row.manager)
      lockfiles.push(...present)
      break
    }
  const command = named ?? commands.join(" && ")
  return command === "" ? null : { command, managers, lockfiles }
}

const presentOf = async (paths: string[], read: ReadBase): Promise<string[]> => {
  const texts = await Promise.all(paths.map(read))
  return paths.filter((_, index) => texts[index] !== null)
}

const viaNpx = async (name: string, args: string, read: ReadBase): Promise<string> => {
  const version = /"packageManager"\s*:\s*"(?:pnpm|yarn)@([\w.-]+)/.exec(
    (await read("package.json")) ?? "",
  )?.[1]
  // The classic package named yarn ends with version 1; the later ones are published under another name.
  const later = name === "yarn" && version !== undefined && !version.startsWith("1.")
  const wanted = `${later ? "@yarnpkg/cli-dist" : name}${version === undefined ? "" : `@${version}`}`
  return `if command -v ${name} >/dev/null; then ${name} ${args}; else npx --yes --package ${wanted} ${name} ${args}; fi`
}
