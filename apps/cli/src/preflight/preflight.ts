import { spawnSync } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { createInterface } from "node:readline/promises"
import { partEnvironment, readHost } from "@twolane/common"
import { decide } from "./decide.ts"
import { forbidServices, stopService } from "./no-services.ts"
import { missingPackages, packageManagers, type SystemPackage } from "./packages.ts"

/** Whether a program can be found on PATH. */
export const isOnPath = (program: string, path: string = readHost().path): boolean =>
  path.split(delimiter).some(folder => folder !== "" && isExecutable(join(folder, program)))

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // not there, or not for us: the next folder may have it
  }
}

/** How the preflight speaks with a person and may act. */
export type PreflightOptions = {
  needed: readonly SystemPackage[]
  /** False by `TWOLANE_INSTALL=0`. */
  allowed: boolean
  say: (line: string) => void
}

/**
 * Makes sure that system packages are there, installing them where the contract allows it. False when one is still missing: what to
 * do about it has been said.
 */
export const preflight = async ({ needed, allowed, say }: PreflightOptions): Promise<boolean> => {
  const missing = missingPackages(needed, program => isOnPath(program))
  const root = process.getuid?.() === 0
  const decision = decide({
    missing,
    manager: packageManagers.find(manager => isOnPath(manager.program)) ?? null,
    root,
    terminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
    allowed,
    sudo: isOnPath("sudo"),
  })
  if (decision.do === "nothing") return true
  say(decision.say)
  if (decision.do === "stop") return false
  if (decision.do === "ask" && !(await agrees())) return false
  install(decision.commands, root)
  if (missing.includes("redis")) stopService("redis-server", root)
  const still = missingPackages(missing, program => isOnPath(program))
  if (still.length > 0) say(`Still missing after the installation: ${still.join(" and ")}.`)
  return still.length === 0
}

const agrees = async (): Promise<boolean> => {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const answer = await terminal.question("Go on? [Y/n] ")
    return /^(y(es)?)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

// Output goes to standard error, so that `--json` stays clean; a failing command is noticed by what is still missing.
const install = (commands: readonly string[], root: boolean): void => {
  using _policy = root ? forbidServices() : undefined
  for (const command of commands)
    spawnSync("/bin/sh", ["-c", command], {
      stdio: ["inherit", 2, 2],
      env: partEnvironment({ DEBIAN_FRONTEND: "noninteractive" }),
    })
}
