import { execFile } from "node:child_process"
import { closeSync, constants, mkdirSync, openSync } from "node:fs"
import { Socket } from "node:net"
import { join } from "node:path"
import { promisify } from "node:util"

/** A pipe to read a command's output from. The write end is given to the command, then closed here. */
export type OutputPipe = { reader: Socket; writeFd: number; release: () => void }

/** Gives out pipes. */
export type Pipes = { take(): Promise<OutputPipe> }

/**
 * Pipes for the output of commands, in a folder that it makes; the first ones are there. Node's own are sockets, on which `echo > /dev/stderr` fails; these are named pipes in
 * a folder of ours. One is used again once its reader has ended: by then no writer is left.
 */
export const openPipes = async (folder: string): Promise<Pipes> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const free: string[] = []
  let made = 0
  const makeMore = async (): Promise<void> => {
    const names = Array.from({ length: 6 }, () => join(folder, `${process.pid}-${made++}`))
    await promisify(execFile)("mkfifo", ["-m", "600", ...names], { env: { PATH: "/usr/bin:/bin" } }).catch(
      asSystemError,
    )
    free.push(...names)
  }
  const take = async (): Promise<OutputPipe> => {
    if (free.length === 0) await makeMore()
    const path = free.pop()
    if (path === undefined) return take()
    // The read end first and without waiting, so that the write end opens at once.
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const writeFd = openSync(path, constants.O_WRONLY)
    const reader = new Socket({ fd: readFd, readable: true, writable: false })
    return { reader, writeFd, release: once(() => free.push(path)) }
  }
  await makeMore()
  return { take }
}

/** A disk that is full, or takes no writes, is a fault of the machine: told as Node tells those of its own calls. */
const asSystemError = ({ stderr = "" }: { stderr?: string }): never => {
  const [code = "EIO"] = Object.entries(diskWords).find(([, words]) => stderr.includes(words)) ?? []
  throw Object.assign(new Error(stderr.trim().split("\n")[0] ?? ""), { code, syscall: "mkfifo" })
}
const diskWords = {
  ENOSPC: "No space left on device",
  EDQUOT: "Disk quota exceeded",
  EROFS: "Read-only file system",
}

const once = (act: () => unknown): (() => void) => {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}

/** Closes the keeper's copy of a write end, once the command has its own. */
export const closeWriter = (pipe: OutputPipe): void => closeSync(pipe.writeFd)
