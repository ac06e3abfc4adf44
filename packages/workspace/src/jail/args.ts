import { existsSync, lstatSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { certificates } from "./etc.ts"
import { namespaces } from "./namespaces.ts"
import { places, type Room } from "./room.ts"

/** The files of a cell that jails are given, by their names in it. */
export const cellFiles = {
  /** Stands for the tree's `.git` file. */
  dotGit: "dot-git",
  agentGit: "agent-git",
  ourGit: "our-git",
  empty: "empty",
  shares: "shares",
} as const

/** Folders of a shared `node_modules` that test runners and bundlers write to. */
export const writableInModules = [".cache", ".vite", ".vite-temp", ".vitest"] as const

/** How one run sees the room. */
export type JailRun = {
  /** `agent`: a command. `ours`: our own git, with the tree read-only and an index that no command can reach. */
  git: "agent" | "ours"
  /** A folder of the tree, relative. */
  workdir: string
  env: Record<string, string>
  /** The host's socket of an allow-list proxy and the forwarder's source file; null for no network. */
  network: { socket: string; forwarder: string } | null
  cacheWritable: boolean
  /** Where bwrap reads the command's text from. */
  commandFd: number
}

/** Where the command's text lies in the jail. */
export const commandFile = `${places.ours}/command`

/** Where a jail with a network finds the proxy and the forwarder to it. */
export const proxySocket = `${places.ours}/proxy.sock`
export const forwarderFile = `${places.ours}/forwarder.mts`

/**
 * The whole argument list of bubblewrap for one run. It goes by `--args`, so that no command line names a path of the
 * machine or grows with the room. The jail's process 1 is the one that bwrap starts: when it ends, the kernel ends every
 * other, so bwrap's own exit proves that nothing is left.
 */
export const jailArgs = (room: Room, run: JailRun): string[] => {
  const size = ["--size", `${room.limits.tmpBytes}`]
  return [
    [...namespaces, "--as-pid-1", "--hostname", "twolane"],
    system(),
    [...size, "--perms", "1777", "--tmpfs", "/tmp"],
    [...size, "--tmpfs", places.home],
    ["--dev", "/dev", ...size, "--perms", "1777", "--tmpfs", "/dev/shm"],
    ["--proc", "/proc", "--ro-bind", room.etc, "/etc"],
    tools(room),
    tree(room, run),
    network(run),
    room.cache === null ? [] : [run.cacheWritable ? "--bind" : "--ro-bind", room.cache, places.cache],
    ["--ro-bind-data", `${run.commandFd}`, commandFile],
    Object.entries(environment(room, run)).flatMap(([name, value]) => ["--setenv", name, value]),
    ["--chdir", join(places.tree, run.workdir)],
    // As root the jailed process owns the kernel's settings below /proc; bwrap covers only some of them.
    ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"],
  ].flat()
}

/** `/usr`, and the folders beside it that are links into it on every current distribution. */
const system = (): string[] => {
  const args = ["--ro-bind", "/usr", "/usr"]
  for (const folder of ["/bin", "/sbin", "/lib", "/lib64", "/lib32"]) {
    if (!existsSync(folder)) continue
    if (lstatSync(folder).isSymbolicLink()) args.push("--symlink", readlinkSync(folder), folder)
    else args.push("--ro-bind", folder, folder)
  }
  return args
}

const tools = (room: Room): string[] => [
  ...room.tools.prefixes.flatMap(folder => ["--ro-bind-try", folder, folder]),
  ...room.tools.covered.flatMap(file => ["--ro-bind", join(room.cell, cellFiles.empty), file]),
]

const tree = (room: Room, run: JailRun): string[] => {
  const ours = run.git === "ours"
  const args = [ours ? "--ro-bind" : "--bind", room.tree, places.tree]
  if (room.git !== null) {
    args.push("--ro-bind", room.git.objects, places.objects)
    // The mount also keeps the worktree's own `.git` file, which names the mirror, out of reach.
    args.push("--ro-bind", join(room.cell, cellFiles.dotGit), join(places.tree, ".git"))
    args.push(
      "--bind",
      join(room.cell, ours ? cellFiles.ourGit : cellFiles.agentGit),
      ours ? places.ourGit : places.agentGit,
    )
  }
  // Our git leaves ignored folders alone, so it needs no shares, and a read-only tree has no place to mount them.
  if (ours) return args
  for (const [index, share] of room.shares.entries()) {
    const place = join(places.tree, share.path)
    args.push("--ro-bind", share.from, place)
    for (const name of writableIn(share.path))
      args.push("--bind", join(room.cell, cellFiles.shares, `${index}`, name), join(place, name))
  }
  return args
}

/** The folders inside a share that stay writable, each with a host folder of the cell behind it. */
export const writableIn = (sharePath: string): readonly string[] =>
  sharePath.split("/").at(-1) === "node_modules" ? writableInModules : []

const network = ({ network: given }: JailRun): string[] =>
  given === null ? [] : ["--ro-bind", given.socket, proxySocket, "--ro-bind", given.forwarder, forwarderFile]

/** Where programs with a list of certificates of their own are led to ours, which holds the worker's as well. */
const trust = Object.fromEntries(
  [
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "CARGO_HTTP_CAINFO",
    "GIT_SSL_CAINFO",
  ].map(name => [name, certificates]),
)

const environment = (room: Room, run: JailRun): Record<string, string> => ({
  LANG: "C.UTF-8",
  TERM: "dumb",
  USER: "agent",
  LOGNAME: "agent",
  SHELL: "/bin/bash",
  GIT_TERMINAL_PROMPT: "0",
  GIT_PAGER: "cat",
  PAGER: "cat",
  GIT_OPTIONAL_LOCKS: "0",
  ...room.tools.env,
  ...(run.git === "ours" ? {} : room.env),
  ...(run.network === null ? {} : trust),
  ...run.env,
  HOME: places.home,
  TMPDIR: "/tmp",
  PATH: room.tools.path,
})
