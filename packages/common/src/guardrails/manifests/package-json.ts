import type { Dependency } from "./manifest.ts"

const groups = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
  "overrides",
  "resolutions",
]

/** What a `package.json` asks npm, pnpm, yarn or bun to install. Throws where the text is no JSON object. */
export function packageJsonDependencies(text: string): Dependency[] {
  const json = packageJson(text)
  const pnpm = asRecord(json.pnpm)
  const tables = [...groups.map(group => json[group]), pnpm.overrides, pnpm.patchedDependencies, json.catalog]
  return tables.flatMap(table =>
    Object.entries(asRecord(table))
      .map(([name, spec]) => ({ name, spec: typeof spec === "string" ? spec : JSON.stringify(spec) }))
      .filter(({ spec }) => !spec.startsWith("workspace:")),
  )
}

/** A `package.json` as an object. Throws where it is none. */
export function packageJson(text: string): Record<string, unknown> {
  const json: unknown = JSON.parse(text.replace(/^\ufeff/, ""))
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new Error("is no object")
  return { ...json }
}

/** A value as a record; anything that is none is an empty one. */
export const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {}
