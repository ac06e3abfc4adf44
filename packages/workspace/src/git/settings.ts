import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { readHost } from "@twolane/common/config-host"

/** What git on the host may see of the operator's own environment; every other variable stays outside. */
export type OperatorEnv = Readonly<{
  path: string
  home: string
  sshAgent: string | null
  network: Readonly<Record<string, string>>
}>

/** The operator's environment of this process. */
export const operatorEnv = (): OperatorEnv => readHost()

/** For small programs of ours beside git: nothing but where programs are looked up. */
export const bareEnv = (): Record<string, string> => ({ PATH: readHost().path })

/** The environment of git on the service's own repositories: no configuration but ours, no prompt, no transport. */
export const localEnv = (): Record<string, string> => ({
  ...bareEnv(),
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  // Empty: no transport at all. A call that speaks to a source names exactly one.
  GIT_ALLOW_PROTOCOL: "",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_NO_LAZY_FETCH: "1",
  GIT_OPTIONAL_LOCKS: "0",
})

/** As `localEnv`, for a call that speaks to a source by one protocol. */
export const remoteEnv = (
  operator: OperatorEnv,
  protocol: "https" | "ssh" | "file",
): Record<string, string> => ({
  ...localEnv(),
  ...operator.network,
  PATH: operator.path,
  HOME: operator.home,
  GIT_ALLOW_PROTOCOL: protocol,
})

/** The settings that every git of ours runs with, whatever a repository's own file says (design, D10f). */
export const hardening = [
  "safe.bareRepository=explicit",
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.pager=cat",
  "core.quotePath=false",
  "protocol.ext.allow=never",
  "submodule.recurse=false",
  "gc.auto=0",
  "maintenance.auto=false",
] as const

/** Every hook event that git knows; from 2.54 on a configuration can define hooks that `core.hooksPath` does not stop. */
const hookEvents = [
  "applypatch-msg",
  "commit-msg",
  "fsmonitor-watchman",
  "post-applypatch",
  "post-checkout",
  "post-commit",
  "post-index-change",
  "post-merge",
  "post-receive",
  "post-rewrite",
  "post-update",
  "pre-applypatch",
  "pre-auto-gc",
  "pre-commit",
  "pre-merge-commit",
  "pre-push",
  "pre-rebase",
  "pre-receive",
  "prepare-commit-msg",
  "proc-receive",
  "push-to-checkout",
  "reference-transaction",
  "sendemail-validate",
  "update",
] as const

/** A git version as `[major, minor, patch]`. */
export type GitVersion = readonly [major: number, minor: number, patch: number]

/** Reads the output of `git version`, such as `git version 2.39.5 (Apple Git-154)`; null when it is not one. */
export const parseGitVersion = (text: string): GitVersion | null => {
  const [, major, minor, patch] = /^git version (\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? []
  return major === undefined || minor === undefined
    ? null
    : [Number(major), Number(minor), Number(patch ?? 0)]
}

const atLeast = ([major, minor]: GitVersion, wanted: readonly [number, number]): boolean =>
  major > wanted[0] || (major === wanted[0] && minor >= wanted[1])

/** What is wrong with a git version, in one sentence for `doctor`; null when nothing is. `fatal` means that Twolane can't work with it. */
export const gitProblem = (version: GitVersion): { fatal: boolean; text: string } | null => {
  const name = version.join(".")
  if (!atLeast(version, [2, 38]))
    return { fatal: true, text: `git ${name} is too old: Twolane needs 2.38 or newer` }
  if (version[0] === 2 && version[1] === 54)
    return {
      fatal: false,
      text: `git ${name} has hooks from configuration but no switch against them: use 2.55`,
    }
  if (!atLeast(version, [2, 50]))
    return {
      fatal: false,
      text: `git ${name} is below 2.50.1: make sure that it has your distribution's security fixes`,
    }
  return null
}

/** The `-c` settings for a git version: the hardening, and from 2.55 on a switch against each hook event. */
export const settingsFor = (version: GitVersion): string[] => [
  ...hardening,
  ...(atLeast(version, [2, 55]) ? hookEvents.map(event => `hook.${event}.enabled=false`) : []),
]

let known: Promise<GitVersion> | undefined

/** The version of the git on PATH, looked up once per process. */
export const gitVersion = (): Promise<GitVersion> => {
  known ??= promisify(execFile)("git", ["version"], { env: localEnv() })
    .then(({ stdout }) => {
      const version = parseGitVersion(stdout)
      if (version === null) throw new Error(`git does not tell its version: ${stdout.slice(0, 100)}`)
      return version
    })
    .catch((error: unknown) => {
      known = undefined
      throw error
    })
  return known
}
