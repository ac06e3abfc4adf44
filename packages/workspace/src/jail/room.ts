import type { Tools } from "./tools.ts"

/** Where things lie inside every jail: the same for each workspace, so that what a setup wrote with whole paths fits all of them. */
export const places = {
  tree: "/workspace",
  home: "/home/agent",
  /** The mirror's objects, read-only; nothing else of the mirror is seen. */
  objects: "/git/mirror/objects",
  /** The git folder of the commands: the agent's own index, refs and new objects. */
  agentGit: "/git/task",
  /** The git folder of our own git in the jail, which no command sees. */
  ourGit: "/git/ours",
  ours: "/run/twolane",
  cache: "/cache",
} as const

/** A folder of the prepared workspace that a task sees read-only at the same place in its tree. */
export type Share = {
  /** Relative to the tree, such as `node_modules`. */
  path: string
  /** The host's folder. */
  from: string
}

/** Everything that the jails of one workspace are made of: host folders, and what is seen of them. */
export type Room = {
  /** The worktree on the host. */
  tree: string
  /** A folder of ours beside it, in no jail: pipes, git folders, staged copies. It is made when it is not there. */
  cell: string
  /** The repository behind the tree; null for a folder without git. */
  git: RoomGit | null
  shares: Share[]
  /** Downloads of the repo's setups; null for none. Only a setup writes it. */
  cache: string | null
  /** The folder that stands for `/etc`, made by `makeEtc`. */
  etc: string
  tools: Tools
  /** The environment of the commands, beside what the jail itself sets. */
  env: Record<string, string>
  limits: Limits
}

/** What a workspace needs of its mirror to give its jails a git folder of their own. */
export type RoomGit = {
  /** The mirror's `objects` folder on the host. */
  objects: string
  /** The index of the fresh checkout, copied once: that of the linked worktree. */
  index: string
  /** The checked-out commit, and the name of the branch that the commands see it on. */
  head: string
  branch: string
  /** Tags that the commands see (builds read versions from them), by name. */
  tags: Record<string, string>
}

/** What one workspace's commands may use at most. */
export type Limits = {
  /** With their threads. */
  processes: number
  memoryBytes: number
  /** `/tmp`, the home folder and `/dev/shm`, each. */
  tmpBytes: number
  /** New files, and new bytes, that one command may leave in the tree; the first also on the three above. */
  files: number
  diskBytes: number
  /** Of one command's output, what is kept: half from its start, half from its end. */
  outputBytes: number
  /** 1 to 10,000, as in a cgroup's `cpu.weight`. */
  cpuWeight: number
}

/** Limits for an ordinary build or test run. */
export const defaultLimits: Limits = {
  processes: 2_048,
  memoryBytes: 8 * 1024 ** 3,
  tmpBytes: 1024 ** 3,
  files: 300_000,
  diskBytes: 8 * 1024 ** 3,
  outputBytes: 1024 ** 2,
  cpuWeight: 100,
}
