/** The rules of the repository's structure, as plain functions over source files. Formatting and syntax are Biome's and oxlint's. */

/** A source file: path from the root with forward slashes, and its text. */
export type SourceFile = { path: string; text: string }
/** One broken rule; `line` counts from 1. */
export type Breach = { path: string; line: number; message: string }

const maxLines = 300

/**
 * Which packages each package may import; its tests may import `testkit` as well. Apps may import every package but `testkit`; the page
 * runs in browsers and sees the gateway through its client alone.
 */
const mayImport: Record<string, readonly string[]> = {
  protocol: [],
  common: ["protocol"],
  agent: ["protocol", "common"],
  workspace: ["protocol", "common", "agent"],
  store: ["protocol", "common"],
  client: ["protocol"],
  chat: ["protocol", "common"],
  dashboard: ["protocol", "client"],
  testkit: ["protocol", "common"],
  github: ["protocol", "common"],
  // What both kinds of worker do with a claimed turn.
  turns: ["protocol", "common", "agent", "workspace", "store", "github"],
}

const packages: ReadonlySet<string> = new Set(Object.keys(mayImport).filter(name => name !== "dashboard"))

/** Product code that serves the simulated model of `npm start`. */
const testkitUsers = /^apps\/cli\/src\/up\/sample\.ts$/
const spawners =
  /^(?:apps\/cli\/(?:src\/(?:up|preflight|doctor|commands)\/|bin\/)|packages\/workspace\/src\/(?:git|hand|jail|keeper|prepare)\/|packages\/testkit\/src\/|scripts\/|bench\/)/
// The forwarder runs inside the jail, where the environment is made by us.
const environmentReaders =
  /^(?:packages\/common\/src\/config[\w-]*\.ts$|packages\/workspace\/src\/jail\/forwarder\.ts$|packages\/testkit\/src\/|scripts\/|bench\/)/

const isTest = (path: string): boolean => /(?:^|\/)test\/|\.test\.tsx?$/.test(path)
const isGenerated = (path: string): boolean => /\.generated\.[\w.]+$/.test(path)

/** Everything that a file breaks. */
export const breaches = (file: SourceFile): Breach[] =>
  [tooLong, wrongImports, strayProcesses, strayEnvironment, looseEnds].flatMap(rule => rule(file))

const at = (file: SourceFile, index: number, message: string): Breach => ({
  path: file.path,
  line: file.text.slice(0, index).split("\n").length,
  message,
})

const tooLong = (file: SourceFile): Breach[] => {
  const lines = file.text.replace(/\n$/, "").split("\n").length
  if (lines <= maxLines || isGenerated(file.path)) return []
  return [{ path: file.path, line: maxLines, message: `has ${lines} lines; ${maxLines} is the most` }]
}

/** `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`. */
const importPattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"\n]+)"/g

/** The modules that a source text imports, with where each stands. */
export const importsOf = (text: string): { name: string; index: number }[] =>
  [...text.matchAll(importPattern)].map(match => ({ name: match[1] ?? "", index: match.index }))

const wrongImports = (file: SourceFile): Breach[] =>
  importsOf(file.text).flatMap(({ name, index }) => {
    const message = name.startsWith(".") ? leavesItsHome(file.path, name) : wrongDirection(file.path, name)
    return message === null ? [] : [at(file, index, message)]
  })

const homeOf = (path: string): string => /^(?:apps|packages)\/[^/]+\//.exec(path)?.[0] ?? ""

const leavesItsHome = (path: string, name: string): string | null => {
  const home = homeOf(path)
  const target = new URL(name, `file:///${path}`).pathname.slice(1)
  if (home === "" || target.startsWith(home)) return null
  return `imports ${target} by path; import packages by name, and no app imports another`
}

const wrongDirection = (path: string, name: string): string | null => {
  const imported = /^@twolane\/([^/]+)/.exec(name)?.[1]
  const [kind, home = ""] = path.split("/")
  if (imported === undefined || imported === home || (kind !== "apps" && kind !== "packages")) return null
  if (!packages.has(imported)) return `imports the app ${imported}; apps never import each other`
  if (imported === "testkit")
    return isTest(path) || testkitUsers.test(path) ? null : "imports testkit, which is for tests"
  if (mayImport[home]?.includes(imported) ?? kind === "apps") return null
  return `${home} must not import ${imported}`
}

const strayProcesses = (file: SourceFile): Breach[] => {
  if (isTest(file.path) || spawners.test(file.path)) return []
  return importsOf(file.text)
    .filter(({ name }) => name === "node:child_process" || name === "child_process")
    .map(({ index }) =>
      at(file, index, "starts processes; only git, hand, jail, keeper and the supervisor may"),
    )
}

const strayEnvironment = (file: SourceFile): Breach[] => {
  if (isTest(file.path) || environmentReaders.test(file.path)) return []
  return [...file.text.matchAll(/\bprocess\.env\b/g)].map(match =>
    at(file, match.index, "reads process.env; settings come from @twolane/common"),
  )
}

/** A note to oneself must name its issue, in parentheses behind the word. */
const looseEnds = (file: SourceFile): Breach[] =>
  [...file.text.matchAll(looseEnd)].map(match =>
    at(file, match.index, "leaves a note without an issue: write (#n) behind it"),
  )

const noteWords = "TODO|FIXME"
const looseEnd = new RegExp(String.raw`\/[/*][^\n]*\b(?:${noteWords})\b(?!\(#\d+\))`, "g")
