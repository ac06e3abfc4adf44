import { parse } from "smol-toml"
import type { Dependency } from "./manifest.ts"
import { asRecord } from "./package-json.ts"

/** A TOML file as a record. Throws where it is none. */
export const tomlRecord = (text: string): Record<string, unknown> => asRecord(parse(text))

/** What a `pyproject.toml` asks pip, uv, poetry, pdm or hatch to install. Throws where the text is no TOML. */
export function pyprojectDependencies(text: string): Dependency[] {
  const file = tomlRecord(text)
  const project = asRecord(file.project)
  const tool = asRecord(file.tool)
  const poetry = asRecord(tool.poetry)
  const uv = asRecord(tool.uv)
  const lists = [
    project.dependencies,
    asRecord(file["build-system"]).requires,
    uv["dev-dependencies"],
    uv["override-dependencies"],
    uv["constraint-dependencies"],
    uv.index,
    poetry.source,
    ...valuesOf(project["optional-dependencies"]),
    ...valuesOf(file["dependency-groups"]),
    ...valuesOf(asRecord(tool.pdm)["dev-dependencies"]),
    ...valuesOf(asRecord(asRecord(tool.hatch).envs)).flatMap(env => [
      asRecord(env).dependencies,
      asRecord(env)["extra-dependencies"],
    ]),
  ]
  const tables = [
    poetry.dependencies,
    poetry["dev-dependencies"],
    ...valuesOf(poetry.group).map(group => asRecord(group).dependencies),
    uv.sources,
  ]
  return [...lists.flatMap(listed), ...tables.flatMap(tabled)].filter(({ name }) => name !== "python")
}

const cargoTables = ["dependencies", "dev-dependencies", "build-dependencies"]

/** What a `Cargo.toml` asks cargo to fetch; crates of the repository itself (`path`) and inherited ones are left out. */
export function cargoDependencies(text: string): Dependency[] {
  const file = tomlRecord(text)
  const owners = [file, ...valuesOf(file.target), asRecord(file.workspace)].map(asRecord)
  const tables = owners.flatMap(owner => cargoTables.map(name => owner[name]))
  return [...tables, ...valuesOf(file.patch), file.replace]
    .flatMap(tabled)
    .filter(({ spec }) => !isLocal(spec))
}

const isLocal = (spec: string): boolean =>
  /"(?:path":"|workspace":true)/.test(spec) && !/"(?:git|registry)":/.test(spec)

const valuesOf = (table: unknown): unknown[] => Object.values(asRecord(table))

const listed = (list: unknown): Dependency[] =>
  Array.isArray(list)
    ? list.map(item => requirement(typeof item === "string" ? item : JSON.stringify(item)))
    : []

const tabled = (table: unknown): Dependency[] =>
  Object.entries(asRecord(table)).map(([name, spec]) => ({
    name,
    spec: typeof spec === "string" ? spec : JSON.stringify(spec),
  }))

/** A PEP 508 requirement: `name[extra] >= 1; marker`, or an option or address that stands for itself. */
export function requirement(text: string): Dependency {
  const spec = text.replaceAll(/\s+/g, " ").trim()
  return { name: /^[A-Za-z0-9][\w.-]*/.exec(spec)?.[0].toLowerCase().replaceAll(/[_.]+/g, "-") ?? spec, spec }
}
