import { installCommands, type PackageManager, type SystemPackage } from "./packages.ts"

/** What the preflight found out about the machine. */
export type Situation = {
  missing: readonly SystemPackage[]
  manager: PackageManager | null
  root: boolean
  /** Whether a person can be asked (standard input and output are terminals). */
  terminal: boolean
  /** False by `TWOLANE_INSTALL=0`. */
  allowed: boolean
  /** Whether `sudo` is there. */
  sudo: boolean
}

/** What to do about it; `commands` are shell commands to run in order. */
export type Decision =
  | { do: "nothing" }
  | { do: "ask" | "install"; commands: string[]; say: string }
  | { do: "stop"; say: string }

/**
 * Decides about missing system packages: ask on a terminal; without one, install as root; else say the exact command and stop.
 */
export const decide = (situation: Situation): Decision => {
  const { missing, manager, root, terminal, allowed, sudo } = situation
  if (missing.length === 0) return { do: "nothing" }
  const what = missing.join(" and ")
  if (manager === null)
    return {
      do: "stop",
      say: `Missing: ${what}. Install ${missing.length === 1 ? "it" : "them"} and start again.`,
    }
  const commands = installCommands(manager, missing, root)
  const stop: Decision = { do: "stop", say: `Missing: ${what}. Install with: ${commands.join(" && ")}` }
  const canInstall = allowed && (root || sudo || manager.program === "brew")
  if (!canInstall) return stop
  if (terminal)
    return { do: "ask", commands, say: `Missing: ${what}. Install now with: ${commands.join(" && ")}` }
  return root
    ? { do: "install", commands, say: `Missing: ${what}. Installing with: ${commands.join(" && ")}` }
    : stop
}
