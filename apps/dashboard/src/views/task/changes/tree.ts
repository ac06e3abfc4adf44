import type { FileChange } from "@twolane/protocol"

/** A folder or a file of a change; folders with one child alone are joined: `src/parser`. */
export type TreeNode =
  | { kind: "folder"; name: string; path: string; children: TreeNode[] }
  | { kind: "file"; name: string; file: FileChange }

/** The files of a change as a tree: folders first, each sorted by name, `part-2` before `part-10`. */
export const treeOf = (files: readonly FileChange[]): TreeNode[] => build(files, "")

const build = (files: readonly FileChange[], prefix: string): TreeNode[] => {
  const here = files.filter(({ path }) => !path.slice(prefix.length).includes("/"))
  const below = Map.groupBy(
    files.filter(file => !here.includes(file)),
    ({ path }) => path.slice(prefix.length, path.indexOf("/", prefix.length)),
  )
  const folders = [...below].map(([name, inside]) => joined(name, `${prefix}${name}/`, inside))
  const leaves = here.map((file): TreeNode => ({ kind: "file", name: file.path.slice(prefix.length), file }))
  return [...folders.sort(byName), ...leaves.sort(byName)]
}

const names = new Intl.Collator(undefined, { numeric: true })
const byName = (a: TreeNode, b: TreeNode) => names.compare(a.name, b.name)

const joined = (name: string, path: string, files: readonly FileChange[]): TreeNode => {
  const children = build(files, path)
  const [only] = children
  if (children.length === 1 && only?.kind === "folder") return { ...only, name: `${name}/${only.name}` }
  return { kind: "folder", name, path, children }
}

/** The files in the order that the tree shows them. */
export const filesInOrder = (nodes: readonly TreeNode[]): FileChange[] =>
  nodes.flatMap(node => (node.kind === "file" ? [node.file] : filesInOrder(node.children)))
