import { mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { type HttpsRemote, makeRepo, makeTempFolder, runGit, startHttpsRemote } from "@twolane/testkit"

/** A move of a branch at the remote, as its reflog has it; `before` is null when it was made then. */
export type Move = { branch: string; before: string | null; after: string }

/** Git repositories on a server, with others who push to them, too. What happened to a branch is in its reflog. */
export type ChaosRemote = AsyncDisposable & {
  server: HttpsRemote
  repos: readonly string[]
  /** Commits of others, by repo, that nobody may push away. */
  rivals: { repo: string; branch: string; sha: string }[]
  /** Somebody else commits on a branch, or begins it at the default branch's tip. */
  pushAsRival: (repo: string, branch: string) => Promise<void>
  /** The branches that somebody else takes the next chance to push to: between another's look at it and their push. */
  ambushed: Set<string>
  moves: (repo: string, branch: string) => Promise<Move[]>
  branches: (repo: string) => Promise<string[]>
  git: (repo: string, ...args: string[]) => Promise<string>
}

/** Fails while the change holds a red file. */
const check = `for file; do case $file in */red.txt) echo "not ok: $file"; exit 1;; esac; done; echo ok\n`

const files = {
  "README.md": "# Chaos\n",
  "check.sh": check,
  "twolane.yaml": "test:\n  all: sh check.sh\n  targeted: sh check.sh {files}\n",
}

/** Whose the repositories are, as hosts have it: a folder. */
export const owner = "acme"

const firstEver = "0".repeat(40)

/** Makes the repositories and serves them over https; the certificate holds for `address`, too. */
export const startChaosRemote = async (repos: readonly string[], address?: string): Promise<ChaosRemote> => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder("twl-remote-"))
  await using seed = await makeRepo({ files })
  const dirOf = (repo: string) => join(folder.path, owner, `${repo}.git`)
  await mkdir(join(folder.path, owner))
  const git = (repo: string, ...args: string[]) => runGit(dirOf(repo), args)
  for (const repo of repos) {
    await runGit(folder.path, ["clone", "--quiet", "--bare", seed.path, dirOf(repo)])
    await git(repo, "config", "core.logAllRefUpdates", "always")
  }
  const server = stack.use(
    await startHttpsRemote(folder.path, null, address === undefined ? {} : { address }),
  )
  const rivals: ChaosRemote["rivals"] = []
  const ambushed = new Set<string>()
  const pushAsRival = async (repo: string, branch: string) => {
    const ref = `refs/heads/${branch}`
    const old = await git(repo, "rev-parse", "--verify", "--quiet", ref).catch(() => null)
    const from = old ?? (await git(repo, "rev-parse", "refs/heads/main"))
    const sha = await git(repo, "commit-tree", `${from}^{tree}`, "-p", from, "-m", "a rival's commit")
    // Somebody may have been faster: then there is no commit of ours to keep.
    const moved = await git(repo, "update-ref", "-m", "rival", ref, sha, old ?? firstEver).then(
      () => true,
      () => false,
    )
    if (moved) rivals.push({ repo, branch, sha })
  }
  server.onRequest(async path => {
    const [, repo = ""] = /^\/\w+\/(\w+)\.git\/info\/refs\?service=git-receive-pack$/.exec(path) ?? []
    for (const each of [...ambushed].filter(one => one.startsWith(`${repo} `) && repo !== "")) {
      ambushed.delete(each)
      await pushAsRival(repo, each.slice(repo.length + 1))
    }
  })
  const all = stack.move()
  return {
    server,
    repos,
    rivals,
    ambushed,
    pushAsRival,
    git,
    moves: async (repo, branch) => {
      const log = await readFile(join(dirOf(repo), "logs/refs/heads", branch), "utf8").catch(() => "")
      return log.split("\n").flatMap(line => {
        const [, before, after = ""] = /^(\w{40}) (\w{40}) /.exec(line) ?? []
        return before === undefined ? [] : [{ branch, before: before === firstEver ? null : before, after }]
      })
    },
    branches: async repo =>
      (await git(repo, "for-each-ref", "--format=%(refname:short)", "refs/heads")).split("\n"),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
