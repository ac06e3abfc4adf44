import type { Objects, TreeEntry } from "./objects.ts"

/** No tree of ours is larger; a hostile one is refused instead of filling the memory. */
const maxTreeBytes = 64 * 1024 * 1024

/** Reads a tree object as git stores it: `<mode> <name>\0<binary name of the object>`, again and again. */
export const parseTree = (bytes: Buffer, shaLength: number): TreeEntry[] => {
  const entries: TreeEntry[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at)
    const zero = bytes.indexOf(0, space)
    const end = zero + 1 + shaLength / 2
    if (space < 0 || zero < 0 || end > bytes.length) throw new Error("a tree object is broken")
    entries.push({
      mode: bytes.toString("latin1", at, space),
      name: bytes.toString("latin1", space + 1, zero),
      sha: bytes.toString("hex", zero + 1, end),
    })
    at = end
  }
  return entries
}

/** The entries of a tree (or of a commit's tree, by `<sha>^{tree}`). */
export const readTree = async (objects: Objects, name: string, signal: AbortSignal): Promise<TreeEntry[]> => {
  const tree = await objects.read(name, maxTreeBytes, signal)
  if (tree?.type !== "tree") throw new Error(`there is no tree ${name.slice(0, 80)}`)
  return parseTree(tree.bytes, tree.sha.length)
}

/** What becomes of one path: an entry with its mode, or null where the path goes away (with all below it). */
export type TreeEdit = {
  path: string
  to: { mode: "100644" | "100755" | "120000"; sha: string } | null
}

/** An edit that the tree can't take, and why. */
export type RefusedEdit = { path: string; reason: string }

type Node = { edit?: TreeEdit; below: Map<string, Node> }

const plant = (edits: readonly TreeEdit[]): Node => {
  const root: Node = { below: new Map() }
  for (const edit of edits) {
    let node = root
    for (const part of edit.path.split("/")) {
      const next: Node = node.below.get(part) ?? { below: new Map() }
      node.below.set(part, next)
      node = next
    }
    node.edit = edit
  }
  return root
}

/**
 * Writes the tree that `tree` becomes by the edits, and answers its name. Only the folders on the way to an edited
 * path are read and written. Paths are byte strings. What can't be is left out and told in `refused`.
 */
export const editTree = async (
  objects: Objects,
  tree: string,
  edits: readonly TreeEdit[],
  signal: AbortSignal,
): Promise<{ tree: string; refused: RefusedEdit[] }> => {
  const refused: RefusedEdit[] = []
  const written = await editFolder(objects, tree, plant(edits), refused, "", signal)
  return { tree: written ?? (await objects.writeTree([], signal)), refused }
}

/** Answers null for a folder that has become empty: git does not keep those. */
const editFolder = async (
  objects: Objects,
  tree: string | null,
  node: Node,
  refused: RefusedEdit[],
  prefix: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const entries = tree === null ? [] : await readTree(objects, tree, signal)
  const byName = new Map(entries.map(entry => [entry.name, entry]))
  await Promise.all(
    [...node.below].map(async ([name, child]) => {
      const next = await editEntry(
        objects,
        byName.get(name),
        name,
        child,
        refused,
        `${prefix}${name}`,
        signal,
      )
      if (next === null) byName.delete(name)
      else byName.set(name, next)
    }),
  )
  const kept = [...byName.values()]
  return kept.length === 0 ? null : await objects.writeTree(kept, signal)
}

const editEntry = async (
  objects: Objects,
  old: TreeEntry | undefined,
  name: string,
  node: Node,
  refused: RefusedEdit[],
  path: string,
  signal: AbortSignal,
): Promise<TreeEntry | null> => {
  const to = node.edit?.to
  if (old?.mode === "160000" && (to || [...editsOf(node)].some(edit => edit.to))) {
    refused.push({ path, reason: "it is a submodule" })
    return old
  }
  if (to) {
    for (const edit of editsOf(node))
      if (edit !== node.edit && edit.to) refused.push({ path: edit.path, reason: `${path} is no folder` })
    return { mode: to.mode, name, sha: to.sha }
  }
  if (node.below.size === 0) return to === null ? null : (old ?? null)
  const start = to === undefined && old?.mode === "40000" ? old.sha : null
  const sha = await editFolder(objects, start, node, refused, `${path}/`, signal)
  return sha === null ? null : { mode: "40000", name, sha }
}

function* editsOf(node: Node): Generator<TreeEdit> {
  if (node.edit) yield node.edit
  for (const child of node.below.values()) yield* editsOf(child)
}
