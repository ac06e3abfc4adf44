import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { plainAttributes } from "../git/attributes.ts"
import { cellFiles, writableIn } from "../jail/args.ts"
import { places, type Room, type RoomGit } from "../jail/room.ts"

/** Makes a room's cell: the files that its jails are given, and the folders of the keeper. `jailed`: git runs in a jail. */
export const makeCell = (room: Room, jailed: boolean): void => {
  const inCell = (...names: string[]) => join(room.cell, ...names)
  mkdirSync(room.cell, { recursive: true, mode: 0o700 })
  writeFileSync(inCell(cellFiles.empty), "")
  for (const [index, share] of room.shares.entries())
    for (const name of writableIn(share.path)) {
      mkdirSync(inCell(cellFiles.shares, `${index}`, name), { recursive: true })
      // A read-only mount needs the places of what is mounted inside it.
      mkdirSync(join(share.from, name), { recursive: true })
    }
  if (room.git === null) return
  writeFileSync(inCell(cellFiles.dotGit), `gitdir: ${places.agentGit}\n`)
  const objects = jailed ? places.objects : room.git.objects
  makeGitFolder(inCell(cellFiles.agentGit), room.git, objects)
  makeGitFolder(inCell(cellFiles.ourGit), room.git, objects)
}

/**
 * A git folder of the jail's own over the mirror's objects: the agent may add, commit and break things in it, and nobody
 * outside ever reads it. Whole seconds of mtime and ctime decide what changed: owner and device differ in the jail.
 */
const makeGitFolder = (folder: string, git: RoomGit, objects: string): void => {
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const sha256 = git.head.length === 64
  const core = ["bare = false", "filemode = true", "logallrefupdates = true", "checkStat = minimal"]
  write(
    "config",
    [
      "[core]",
      `\trepositoryformatversion = ${sha256 ? 1 : 0}`,
      ...core.map(line => `\t${line}`),
      ...(sha256 ? ["[extensions]", "\tobjectformat = sha256"] : []),
      "",
    ].join("\n"),
  )
  write("HEAD", `ref: refs/heads/${git.branch}\n`)
  write(`refs/heads/${git.branch}`, `${git.head}\n`)
  for (const [name, sha] of Object.entries(git.tags)) write(`refs/tags/${name}`, `${sha}\n`)
  write("objects/info/alternates", `${objects}\n`)
  write("info/attributes", plainAttributes)
  copyFileSync(git.index, join(folder, "index"))
}
