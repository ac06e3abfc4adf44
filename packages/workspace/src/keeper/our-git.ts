import { join } from "node:path"
import { cellFiles } from "../jail/args.ts"
import { places, type Room } from "../jail/room.ts"
import type { Commands } from "./commands.ts"

/** What our own git said: its output as text, its exit code, and its complaint. */
export type GitAnswer = {
  ok: boolean
  code: number | null
  text: string
  complaint: string
  truncated: boolean
}

/** Runs a shell line of ours, in which `git` is our own over the agent's tree. */
export type OurGit = (
  script: string,
  options: { timeoutMs: number; maxBytes: number; stdin?: string },
  signal: AbortSignal,
) => Promise<GitAnswer>

/** Nothing of a repository may make git start a program, also where there is no jail around it. */
const settings = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.quotePath=false",
  "core.pager=cat",
  "safe.directory=*",
  "submodule.recurse=false",
  "status.renames=false",
]

/**
 * Our git on the agent's tree: in a jail where the tree is read-only, with a git folder and an index that no command of
 * the agent ever reaches. Without a jail no command of an agent runs, or (sandbox off) runs with all rights anyway.
 */
export const createOurGit = (room: Room, jailed: boolean, commands: Commands): OurGit => {
  const env = {
    GIT_DIR: jailed ? places.ourGit : join(room.cell, cellFiles.ourGit),
    GIT_WORK_TREE: jailed ? places.tree : room.tree,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_CONFIG_COUNT: `${settings.length}`,
    ...Object.fromEntries(
      settings.flatMap((setting, index) => {
        const at = setting.indexOf("=")
        return [
          [`GIT_CONFIG_KEY_${index}`, setting.slice(0, at)],
          [`GIT_CONFIG_VALUE_${index}`, setting.slice(at + 1)],
        ]
      }),
    ),
  }
  return async (script, { timeoutMs, maxBytes, stdin }, signal) => {
    const done = await commands.run(
      {
        git: "ours",
        command: script,
        workdir: "",
        env,
        stdin: stdin ?? null,
        network: null,
        cacheWritable: false,
        timeoutMs,
        outputBytes: maxBytes,
        onText: null,
      },
      signal,
    )
    const ok = done.ended === "exited" && done.exitCode === 0
    const complaint = done.ended === "exited" ? done.complaint.trim() : done.reason
    return { ok, code: done.exitCode, text: done.output, complaint, truncated: done.truncated }
  }
}

/** Our own git did not do its work (a full disk, a broken index): the room's failure, as one of a system call would be. */
export const gitFailed = (command: string, complaint: string): Error =>
  Object.assign(new Error(`git ${command} failed in the jail: ${complaint}`), {
    code: "EIO",
    syscall: `git ${command}`,
  })

/** A word for the shell, whatever is in it. */
export const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`
