import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { promisify } from "node:util"
import type { Tools } from "../jail/tools.ts"
import type { ReadBase, Setup } from "./detect.ts"

/** Manifests whose change means another install, beside the lockfiles. */
const manifests = [
  "package.json",
  "pyproject.toml",
  "go.mod",
  "Cargo.toml",
  "twolane.yaml",
  ".npmrc",
  ".nvmrc",
]

/**
 * What a prepared workspace is known by: setup command, shared folders, lockfiles, manifests, `twolane.yaml` and the tools'
 * versions. The same key means that the same setup would install the same things.
 */
export const preparedKey = async (
  { setup, share, tools }: { setup: Setup; share: readonly string[]; tools: string },
  read: ReadBase,
): Promise<string> => {
  const hash = createHash("sha256")
  const add = (text: string) => hash.update(`${Buffer.byteLength(text)}:${text}`)
  for (const part of [setup.command, tools, ...share]) add(part)
  for (const path of [...new Set([...setup.lockfiles, ...manifests])].sort()) {
    add(path)
    add((await read(path)) ?? "absent")
  }
  return hash.digest("hex").slice(0, 32)
}

const versionsCommand = ["node", "npm", "pnpm", "yarn", "python3", "uv", "poetry", "cargo"]
  .map(tool => `command -v ${tool} >/dev/null && echo "${tool} $(${tool} --version 2>/dev/null | head -n 1)"`)
  .concat("command -v go >/dev/null && go version", "uname -m", "true")
  .join("\n")

const known = new Map<string, Promise<string>>()

/** The versions of the tools that decide what a setup makes; asked once a process, for some are slow to answer. */
export const toolVersions = (tools: Tools): Promise<string> => {
  const before = known.get(tools.path)
  if (before !== undefined) return before
  const env = { ...tools.env, PATH: tools.path, HOME: "/nonexistent" }
  const versions = promisify(execFile)("/bin/bash", ["-c", versionsCommand], {
    env,
    cwd: "/",
    timeout: 60_000,
  }).then(({ stdout }) => stdout)
  versions.catch(() => known.delete(tools.path))
  known.set(tools.path, versions)
  return versions
}
