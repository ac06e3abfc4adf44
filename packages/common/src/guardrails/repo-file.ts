import { isNode, LineCounter, parseDocument } from "yaml"
import { RepoFile } from "./repo-schema.ts"

export type { RepoFile } from "./repo-schema.ts"

/** The longest `twolane.yaml` that is read, in characters. */
const maxChars = 100_000

/** A repo's settings, or what is wrong: the line (from 1), the key such as `guardrails.fast.maxFiles`, and why. */
export type ParsedRepoFile =
  | { ok: true; file: RepoFile }
  | { ok: false; line: number; key: string; message: string }

type Document = ReturnType<typeof parseDocument>

/** The settings of a repository without a `twolane.yaml`. */
export const defaultRepoFile = (): RepoFile => RepoFile.parse({})

/** Reads `twolane.yaml`. Unknown keys, wrong types, duplicate keys, tags and bad YAML are refused. */
export function parseRepoFile(text: string): ParsedRepoFile {
  if (text.length > maxChars) return refuse(1, "", `the file is longer than ${maxChars} characters`)
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\ufeff/, ""), {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem) {
    const { line } = lines.linePos(problem.pos[0])
    return refuse(line, keyAtOffset(document, problem.pos[0]), problem.message)
  }
  const plain = toPlain(document)
  if (!plain.ok) return refuse(1, "", plain.message)
  const parsed = RepoFile.safeParse(plain.value ?? {})
  if (parsed.success) return { ok: true, file: parsed.data }
  const [issue] = parsed.error.issues
  if (!issue) return refuse(1, "", "it is not valid")
  const unknown = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : []
  const path = [...issue.path, ...unknown]
  const message = unknown.length > 0 ? "there is no such key" : issue.message
  return refuse(lines.linePos(offsetOf(document, path)).line, path.join("."), message)
}

const refuse = (line: number, key: string, message: string): ParsedRepoFile => ({
  ok: false,
  line: Math.max(line, 1),
  key,
  message,
})

function toPlain(document: Document): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 50 }) }
  } catch (error) {
    // Aliases that unfold without end are the one thing that `toJS` refuses by throwing.
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

/** Where a path's key stands in the text; of a value in a list, the value; where it is missing, its parent. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    const items: unknown[] = isCollection(parent) ? parent.items : []
    for (const [n, item] of items.entries()) {
      if (isPair(item) && isNode(item.key) && String(item.key) === String(key))
        return item.key.range?.[0] ?? 0
      if (isNode(item) && n === key) return item.range?.[0] ?? 0
    }
  }
  return 0
}

const isCollection = (node: unknown): node is { items: unknown[] } =>
  typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items)
const isPair = (item: unknown): item is { key: unknown } =>
  typeof item === "object" && item !== null && "key" in item

/** The innermost key whose place in the text is the last one at or before an offset. */
function keyAtOffset(document: Document, offset: number): string {
  const path: string[] = []
  let node: unknown = document.contents
  while (isCollection(node)) {
    const pairs: unknown[] = node.items
    const found = pairs.findLast(
      (item): item is { key: unknown; value: unknown } =>
        isPair(item) && isNode(item.key) && (item.key.range?.[0] ?? 0) <= offset,
    )
    if (!found) break
    path.push(String(found.key))
    node = found.value
  }
  return path.join(".")
}
