import { type HunkData, type HunkTokens, markEdits, tokenize } from "react-diff-view"
import { refractor } from "refractor"
import jsx from "refractor/jsx"
import toml from "refractor/toml"
import tsx from "refractor/tsx"

for (const language of [jsx, toml, tsx]) refractor.register(language)

/** Larger diffs are shown without colours: they would take long, and nobody reads them line by line. */
const maxLines = 3_000

const byEnding: Readonly<Record<string, string>> = {
  c: "c",
  cc: "cpp",
  cjs: "javascript",
  cpp: "cpp",
  cs: "csharp",
  css: "css",
  go: "go",
  h: "c",
  html: "markup",
  java: "java",
  js: "javascript",
  json: "json",
  jsx: "jsx",
  kt: "kotlin",
  less: "less",
  lua: "lua",
  md: "markdown",
  mjs: "javascript",
  mts: "typescript",
  php: "php",
  pl: "perl",
  py: "python",
  rb: "ruby",
  rs: "rust",
  scss: "scss",
  sh: "bash",
  sql: "sql",
  svg: "markup",
  swift: "swift",
  toml: "toml",
  ts: "typescript",
  tsx: "tsx",
  xml: "markup",
  yaml: "yaml",
  yml: "yaml",
}

/** refractor 5 answers a root where react-diff-view takes its children. */
const highlighter = {
  highlight: (text: string, language: string) => refractor.highlight(text, language).children,
} as unknown as Extract<NonNullable<Parameters<typeof tokenize>[1]>, { highlight: true }>["refractor"]

/** The coloured pieces of a file's hunks, with what changed inside of lines marked; null where plain text serves. */
export const tokensOf = (path: string, hunks: HunkData[]): HunkTokens | null => {
  const lines = hunks.reduce((sum, { changes }) => sum + changes.length, 0)
  if (lines > maxLines) return null
  const language = byEnding[path.slice(path.lastIndexOf(".") + 1).toLowerCase()]
  const enhancers = [markEdits(hunks, { type: "block" })]
  try {
    return language === undefined
      ? tokenize(hunks, { enhancers })
      : tokenize(hunks, { enhancers, highlight: true, refractor: highlighter, language })
  } catch {
    // A grammar that stumbles over a piece of a file: the text matters, not its colours.
    return null
  }
}
