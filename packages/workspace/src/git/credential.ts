import { mkdtemp, realpath, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Fault } from "@twolane/protocol"
import type { GitCall } from "./git.ts"
import { type OperatorEnv, remoteEnv } from "./settings.ts"
import type { Source } from "./source.ts"

/** What a source is asked with. It lives in this process's memory and reaches git by a pipe only. */
export type Credential =
  | { kind: "token"; user?: string; token: string }
  | { kind: "ssh"; privateKey: string; knownHosts?: string }

/** A source, and how we are known to it. `operator` is what git may see of the operator's own environment. */
export type Remote = { source: Source; credential: Credential | null; operator: OperatorEnv }

/** The parts of a git call that make it speak to one remote, for as long as it is not disposed. */
export type RemoteAccess = AsyncDisposable &
  Required<Pick<GitCall, "env" | "config">> &
  Pick<GitCall, "secret" | "wrap">

/** A server that stops talking is given up after a minute. */
const network = ["http.lowSpeedLimit=1", "http.lowSpeedTime=60", "protocol.version=2"]

/** Makes ready what a call to this remote needs: environment, settings, the credential's pipe, a private folder. */
export const openRemote = async (remote: Remote): Promise<RemoteAccess> => {
  const { source, credential } = remote
  if (credential?.kind === "token" && source.kind !== "https")
    throw new Fault("repo-auth", "a token serves only https:// sources; give this one an ssh key")
  if (credential?.kind === "ssh" && source.kind !== "ssh")
    throw new Fault("repo-auth", "an ssh key serves only ssh sources; give this one a token")
  if (source.kind === "https")
    return httpsAccess(source, credential?.kind === "token" ? credential : null, remote)
  const folder = await mkdtemp(join(tmpdir(), "twolane-git-"))
  const dispose = () => rm(folder, { recursive: true, force: true })
  try {
    const access =
      source.kind === "path"
        ? await pathAccess(source.url, folder, remote)
        : await sshAccess(credential?.kind === "ssh" ? credential : null, folder, remote)
    return { ...access, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

const nothingToDispose = { [Symbol.asyncDispose]: () => Promise.resolve() }

/**
 * The helper answers once, from file descriptor 3, and only when git asks for this very host: a redirect to another
 * one gets nothing.
 */
const httpsAccess = (
  source: Source,
  token: (Credential & { kind: "token" }) | null,
  remote: Remote,
): RemoteAccess => {
  const env = remoteEnv(remote.operator, "https")
  if (token === null) return { env, config: [...network, "credential.helper="], ...nothingToDispose }
  const user = token.user ?? "x-access-token"
  if (/[\0\r\n]/.test(user + token.token)) throw new Fault("repo-auth", "the token holds a line break")
  return {
    env,
    config: [
      ...network,
      "credential.helper=",
      `credential.https://${source.host}.helper=!f() { test "$1" = get && cat <&3; }; f`,
    ],
    secret: `username=${user}\npassword=${token.token}\n`,
    ...nothingToDispose,
  }
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const sshCommand = (options: readonly string[]): string =>
  ["ssh", "-oBatchMode=yes", "-oConnectTimeout=20", "-oServerAliveInterval=15", ...options]
    .map(shellQuote)
    .join(" ")

/** The agent notices only every ten seconds that its command has ended: it is told. */
const withKey = 'ssh-add -q - <&3 && "$@" 3<&-; code=$?; kill "$SSH_AGENT_PID"; exit $code'

/** A key goes through a pipe into an agent of its own, which lives as long as this one git does. */
const sshAccess = async (
  key: (Credential & { kind: "ssh" }) | null,
  folder: string,
  remote: Remote,
): Promise<Omit<RemoteAccess, keyof AsyncDisposable>> => {
  const env = remoteEnv(remote.operator, "ssh")
  const { sshAgent } = remote.operator
  if (key === null)
    return {
      env: {
        ...env,
        ...(sshAgent === null ? {} : { SSH_AUTH_SOCK: sshAgent }),
        GIT_SSH_COMMAND: sshCommand(["-oStrictHostKeyChecking=accept-new"]),
      },
      config: network,
    }
  return {
    env: {
      ...env,
      GIT_SSH_COMMAND: sshCommand([
        "-F/dev/null",
        "-oIdentityFile=none",
        ...(await hostKeyOptions(key.knownHosts, folder)),
      ]),
    },
    config: network,
    secret: `${key.privateKey.replaceAll("\r\n", "\n").trimEnd()}\n`,
    wrap: ["ssh-agent", "sh", "-c", withKey, "sh"],
  }
}

/** Without known hosts of its own a key learns a host at first sight, into the service user's own file. */
const hostKeyOptions = async (knownHosts: string | undefined, folder: string): Promise<string[]> => {
  if (knownHosts === undefined) return ["-oStrictHostKeyChecking=accept-new"]
  const file = join(folder, "known_hosts")
  await writeFile(file, `${knownHosts.trimEnd()}\n`, { mode: 0o600 })
  return [`-oUserKnownHostsFile="${file}"`, "-oGlobalKnownHostsFile=/dev/null", "-oStrictHostKeyChecking=yes"]
}

const configQuote = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`

/**
 * Git refuses a path that another user owns ("dubious ownership") and clears `-c` settings on its way there: only a
 * global configuration file cures it. It names this one path, and its `.git`.
 */
const pathAccess = async (
  path: string,
  folder: string,
  remote: Remote,
): Promise<Omit<RemoteAccess, keyof AsyncDisposable>> => {
  const exists = await stat(path).catch(() => null)
  if (exists === null) throw new Fault("repo-unreachable", `${path} cannot be read on this host`)
  const env = {
    ...remoteEnv(remote.operator, "file"),
    GIT_CONFIG_GLOBAL: await writeSafeDirectory(path, folder),
  }
  return { env, config: network }
}

/** Writes a global configuration that trusts the repository at `path`, into `folder`; answers the file's path. */
export const writeSafeDirectory = async (path: string, folder: string): Promise<string> => {
  const real = await realpath(path)
  const trusted = [...new Set([path, join(path, ".git"), real, join(real, ".git")])]
  const file = join(folder, "gitconfig")
  await writeFile(file, `[safe]\n${trusted.map(each => `\tdirectory = ${configQuote(each)}\n`).join("")}`)
  return file
}
