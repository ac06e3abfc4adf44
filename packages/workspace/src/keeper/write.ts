import { randomUUID } from "node:crypto"
import {
  closeSync,
  constants,
  fchmodSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from "node:fs"
import type { Tree } from "./tree.ts"

/** One file to put (or, with null, to take away). `executable` of a new file; an existing one keeps its mode. */
export type Write = { path: string; text: string | null; before: Buffer | null; mode: number }

type Prepared = Write & { temporary: string }

/**
 * Puts all files or none: every new text is first written beside its place, then each is renamed over it. When one step
 * fails, what was done is undone, and the error is thrown.
 */
export const writeAll = (tree: Tree, writes: Write[]): void => {
  const made: string[] = []
  const prepared: Prepared[] = []
  const done: Write[] = []
  try {
    for (const write of writes) {
      if (write.text === null) continue
      const temporary = `.twolane-${randomUUID()}`
      const { text, mode } = write
      prepared.push({ ...write, temporary })
      tree.makingFolderOf(write.path, made, ({ sibling }) => writeNew(sibling(temporary), text, mode))
    }
    for (const write of writes.filter(each => each.text === null)) {
      tree.inFolderOf(write.path, ({ at }) => unlinkSync(at))
      done.push(write)
    }
    for (const write of prepared) {
      tree.inFolderOf(write.path, ({ at, sibling }) => renameSync(sibling(write.temporary), at))
      done.push(write)
    }
  } catch (error) {
    undo(tree, { done, prepared, made })
    throw error
  }
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants

const writeNew = (at: string, content: string | Buffer, mode: number): void => {
  const fd = openSync(at, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
  try {
    writeFileSync(fd, content)
    // The process's umask must not change a kept mode.
    fchmodSync(fd, mode)
  } finally {
    closeSync(fd)
  }
}

const undo = (
  tree: Tree,
  { done, prepared, made }: { done: Write[]; prepared: Prepared[]; made: string[] },
): void => {
  for (const { path, before, mode } of done) {
    if (before === null) quietly(() => tree.inFolderOf(path, ({ at }) => unlinkSync(at)))
    else {
      const temporary = `.twolane-${randomUUID()}`
      quietly(() =>
        tree.makingFolderOf(path, [], ({ at, sibling }) => {
          writeNew(sibling(temporary), before, mode)
          renameSync(sibling(temporary), at)
        }),
      )
    }
  }
  for (const { path, temporary } of prepared)
    quietly(() => tree.inFolderOf(path, ({ sibling }) => unlinkSync(sibling(temporary))))
  for (const path of made.reverse()) quietly(() => tree.inFolderOf(path, ({ at }) => rmdirSync(at)))
}

const quietly = (act: () => unknown): void => {
  try {
    act()
  } catch {
    // Undoing goes as far as it can; the first error is the one that is told.
  }
}
