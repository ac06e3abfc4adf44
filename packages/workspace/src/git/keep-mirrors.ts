import type { CredentialRequest, Repo } from "@twolane/protocol"
import type { Remote } from "./credential.ts"
import { type Mirror, openMirror } from "./mirror.ts"
import type { OperatorEnv } from "./settings.ts"
import { parseSource } from "./source.ts"

/** Where mirrors lie, what git may see of this machine, and where a repo's credential is asked for each time. */
export type MirrorsOptions = {
  dataDir: string
  operatorEnv: OperatorEnv
  credential: (team: string, repo: string) => Promise<CredentialRequest | null>
}

/** The mirrors that a process keeps open: each holds a few resident git processes. */
export type Mirrors = AsyncDisposable & {
  /** Opens a repo's mirror, making it when this machine has none. Raises what `openMirror` raises. */
  open(
    repo: Pick<Repo, "team" | "name" | "source">,
    defaultBranch: string | undefined,
    signal: AbortSignal,
  ): Promise<Mirror>
  /** Closes it, so that the next one to ask opens it anew, with the credential of then. */
  close(team: string, name: string): Promise<void>
}

/** Opens mirrors on demand and shares each among all who use it. Disposing it closes them all. */
export const keepMirrors = (options: MirrorsOptions): Mirrors => {
  const kept = new Map<string, { source: string; opening: Promise<Mirror> }>()
  const close = async (key: string): Promise<void> => {
    const known = kept.get(key)
    kept.delete(key)
    // One that could not be opened has told those who asked for it.
    const mirror = await known?.opening.catch(() => null)
    await mirror?.[Symbol.asyncDispose]()
  }
  return {
    open: async (repo, defaultBranch, signal) => {
      const key = `${repo.team}/${repo.name}`
      if (kept.get(key)?.source !== repo.source) await close(key)
      const known = kept.get(key) ?? {
        source: repo.source,
        opening: openOne(options, repo, defaultBranch, signal),
      }
      kept.set(key, known)
      try {
        return await known.opening
      } catch (error) {
        if (kept.get(key) === known) kept.delete(key)
        throw error
      }
    },
    close: (team, name) => close(`${team}/${name}`),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...kept.keys()].map(close))
    },
  }
}

const openOne = async (
  { dataDir, operatorEnv, credential }: MirrorsOptions,
  { team, name, source }: Pick<Repo, "team" | "name" | "source">,
  defaultBranch: string | undefined,
  signal: AbortSignal,
): Promise<Mirror> => {
  const ofNow = async () => withoutUndefined(await credential(team, name))
  const remote: Remote = { source: parseSource(source), credential: await ofNow(), operator: operatorEnv }
  const wanted = { dataDir, team, repo: name, remote, credential: ofNow }
  return openMirror({ ...wanted, ...(defaultBranch === undefined ? {} : { defaultBranch }) }, signal)
}

/** The stored form has optional fields that may be undefined; git's has none. */
const withoutUndefined = (credential: CredentialRequest | null): Remote["credential"] => {
  if (credential === null) return null
  if (credential.kind === "token") {
    const { user, token } = credential
    return { kind: "token", token, ...(user === undefined ? {} : { user }) }
  }
  const { privateKey, knownHosts } = credential
  return { kind: "ssh", privateKey, ...(knownHosts === undefined ? {} : { knownHosts }) }
}
