import { execFile } from "node:child_process"
import { access, constants } from "node:fs/promises"
import { join } from "node:path"
import { readHost } from "@twolane/common/config-host"
import { type CgroupParent, findCgroupParent } from "./cgroup.ts"
import { namespaces } from "./namespaces.ts"

/** What `TWOLANE_SANDBOX` says. */
export type SandboxSetting = "auto" | "required" | "off"

/**
 * How commands run on this machine. `jail`: in bubblewrap. `none`: they are refused, with the reason and how to mend it.
 * `off`: unjailed, by the operator's wish.
 */
export type Sandbox =
  | { mode: "jail"; bwrap: string; cgroup: CgroupParent | null; notice: string | null }
  | { mode: "none"; reason: string }
  | { mode: "off"; notice: string }

/** Finds out once, at start, how commands can run here. With `required` the caller must not start on `none`. */
export const probeSandbox = async (setting: SandboxSetting): Promise<Sandbox> => {
  if (setting === "off")
    return {
      mode: "off",
      notice: "TWOLANE_SANDBOX=off: commands of agents run with all rights of this user.",
    }
  if (process.platform !== "linux")
    return {
      mode: "none",
      reason:
        "Jails need Linux: run Twolane with docker compose, or set TWOLANE_SANDBOX=off to run commands unjailed.",
    }
  const bwrap = await findOnPath("bwrap")
  const failure = await tryJail(bwrap)
  if (bwrap === null || failure !== null) return { mode: "none", reason: failure ?? "" }
  const cgroup = findCgroupParent()
  const notice =
    cgroup === null
      ? "No writable cgroup: limits are held by sampling. Under systemd, Delegate=yes gives the kernel's own."
      : null
  return { mode: "jail", bwrap, cgroup, notice }
}

/** Null when a jail starts, else one line that says how to mend it. */
const tryJail = async (bwrap: string | null): Promise<string | null> => {
  if (bwrap === null)
    return "bubblewrap is not installed: install the package bubblewrap (apt-get install bubblewrap)."
  const version = await run(bwrap, ["--version"])
  const number = /(\d+)\.(\d+)/.exec(version.text)
  if (number && Number(number[1]) === 0 && Number(number[2]) < 8)
    return `bubblewrap ${number[0]} is too old: Twolane needs 0.8 or newer.`
  const system = [
    "--ro-bind",
    "/usr",
    "/usr",
    "--symlink",
    "usr/lib",
    "/lib",
    "--symlink",
    "usr/lib64",
    "/lib64",
  ]
  const jail = await run(bwrap, [
    ...namespaces,
    ...system,
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "/usr/bin/true",
  ])
  return jail.code === 0 ? null : `${mend(jail.text)} (bwrap says: ${jail.text.trim().split("\n").at(-1)})`
}

const mend = (text: string): string => {
  if (/mount proc|Can't mount proc/i.test(text))
    return "The container masks /proc, so no jail can mount its own: run it with --security-opt systempaths=unconfined."
  if (/setting up uid map|Permission denied/i.test(text))
    return "An AppArmor rule forbids user namespaces (Ubuntu 24.04): run 'sysctl kernel.apparmor_restrict_unprivileged_userns=0'."
  if (/No permissions to create|Operation not permitted|namespace/i.test(text))
    return "User namespaces are forbidden here: set 'sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000', or for Docker use --security-opt seccomp=unconfined --security-opt apparmor=unconfined."
  return "A jail does not start here."
}

type Ran = { code: string | number | null; text: string }

const run = (program: string, args: string[]): Promise<Ran> =>
  new Promise(resolve => {
    execFile(program, args, { env: {}, timeout: 10_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? null), text: `${stdout}${stderr}` }),
    )
  })

/** Where a program lies, by the worker's own PATH; the keeper, which has none, is told. */
const findOnPath = async (name: string): Promise<string | null> => {
  for (const folder of readHost().path.split(":")) {
    const path = join(folder, name)
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (usable) return path
  }
  return null
}
