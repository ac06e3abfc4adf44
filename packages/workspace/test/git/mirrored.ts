import { join } from "node:path"
import { makeRepo, makeTempFolder, type RepoFiles, type TempRepo } from "@twolane/testkit"
import type { Credential, Remote } from "../../src/git/credential.ts"
import { type Mirror, openMirror } from "../../src/git/mirror.ts"
import { operatorEnv } from "../../src/git/settings.ts"
import { parseSource } from "../../src/git/source.ts"

/** A signal for tests that abort nothing. */
export const signal = new AbortController().signal

export const remoteOf = (source: string, credential: Credential | null = null): Remote => ({
  source: parseSource(source),
  credential,
  operator: operatorEnv(),
})

/** A real repository, a data folder and the repository's mirror in it. */
export type Mirrored = AsyncDisposable & {
  repo: TempRepo
  dataDir: string
  mirror: Mirror
  base: string
  /** Opens the mirror again, as another process would. */
  open: () => Promise<Mirror>
}

/** Makes a repository with these files and a mirror of it. `bare` mirrors a bare clone, which can be pushed to anywhere. */
export const makeMirrored = async (files: RepoFiles, options: { bare?: boolean } = {}): Promise<Mirrored> => {
  const repo = await makeRepo({ files })
  const data = await makeTempFolder("twl-data-")
  const source = options.bare ? await repo.cloneBare() : repo.path
  const open = () =>
    openMirror({ dataDir: data.path, team: "default", repo: "sample", remote: remoteOf(source) }, signal)
  const mirror = await open()
  return {
    repo,
    dataDir: data.path,
    mirror,
    base: await repo.sha(),
    open,
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]()
      await repo[Symbol.asyncDispose]()
      await data[Symbol.asyncDispose]()
    },
  }
}

/** Where a test may put worktrees. */
export const workspaceIn = (dataDir: string, name: string): string => join(dataDir, "workspaces", name)
