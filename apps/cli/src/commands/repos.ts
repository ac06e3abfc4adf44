import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { text } from "node:stream/consumers"
import { oneLine } from "@twolane/common/clean"
import type { Context } from "../connect.ts"
import { defined } from "../defined.ts"
import { exitCodes, UsageError } from "../exit.ts"

/** `twolane repos`. */
export const reposCommand = async ({ client, output, signal }: Context): Promise<number> => {
  const page = await client.repos({ limit: 200 }, { signal })
  output.value(page)
  for (const repo of page.items) {
    const credential = repo.credential === "none" ? "" : ` (${repo.credential})`
    const github = repo.github === undefined ? "" : `  ${oneLine(repo.github.fullName)} at GitHub`
    output.line(`${repo.name}  ${oneLine(repo.source)}  ${oneLine(repo.defaultBranch)}${credential}${github}`)
  }
  if (page.items.length === 0) output.line("No repos: twolane repos add <name> <path or URL>")
  return exitCodes.succeeded
}

/** `twolane repos add`. A path is made absolute here, since the gateway does not know our folder. */
export const addRepoCommand = async (
  { client, output, signal }: Context,
  { name, source, branch }: { name: string; source: string; branch?: string | undefined },
): Promise<number> => {
  const isPath = /^(?:\.|\/|~)/.test(source)
  const repo = await client.registerRepo(
    {
      name,
      source: isPath ? resolve(source) : source,
      ...(branch === undefined ? {} : { defaultBranch: branch }),
    },
    { signal },
  )
  output.value(repo)
  output.line(`${repo.name} is registered (${oneLine(repo.source)}, branch ${oneLine(repo.defaultBranch)}).`)
  for (const notice of repo.notices ?? []) output.line(`Notice: ${noticeWords[notice] ?? notice}`)
  return exitCodes.succeeded
}

const noticeWords: Record<string, string> = {
  "source-dirty": "the source has uncommitted work, which stays behind: tasks begin at its last commit.",
}

/** `twolane repos rm`. */
export const removeRepoCommand = async (
  { client, output, signal }: Context,
  name: string,
): Promise<number> => {
  await client.removeRepo(name, { signal })
  output.value({ removed: name })
  output.line(`${name} is removed; its tasks stay readable.`)
  return exitCodes.succeeded
}

/** The options of `twolane repos credential`. */
export type CredentialWish = {
  name: string
  user?: string | undefined
  sshKey?: string | undefined
  knownHosts?: string | undefined
  remove?: boolean | undefined
}

/** `twolane repos credential`: a token from standard input, or an ssh key from a file; never an argument, which others could read. */
export const credentialCommand = async (
  { client, output, signal }: Context,
  wish: CredentialWish,
): Promise<number> => {
  const { name, user, sshKey, knownHosts, remove = false } = wish
  if (remove) await client.removeCredential(name, { signal })
  else if (sshKey !== undefined)
    await client.setCredential(
      name,
      {
        kind: "ssh",
        privateKey: readFileSync(sshKey, "utf8"),
        ...(knownHosts === undefined ? {} : { knownHosts: readFileSync(knownHosts, "utf8") }),
      },
      { signal },
    )
  else
    await client.setCredential(
      name,
      { kind: "token", token: await readToken(), ...(user === undefined ? {} : { user }) },
      { signal },
    )
  output.value({ name, credential: remove ? "none" : sshKey === undefined ? "token" : "ssh" })
  output.line(`${name}: the credential is ${remove ? "removed" : "kept, encrypted"}.`)
  return exitCodes.succeeded
}

/** The options of `twolane repos github`. */
export type GithubWish = {
  name: string
  label?: string | undefined
  fixTurns?: number | undefined
  team?: string | undefined
  remove?: boolean | undefined
}

/** `twolane repos github`: links a repo with the GitHub repository that its source is. */
export const githubCommand = async (
  { client, output, signal }: Context,
  { name, remove = false, ...wish }: GithubWish,
): Promise<number> => {
  if (remove) {
    await client.unlinkGithub(name, { signal })
    output.value({ name, github: null })
    output.line(`${name} is unlinked: nothing said at GitHub reaches it any more.`)
    return exitCodes.succeeded
  }
  const repo = await client.linkGithub(name, defined(wish), { signal })
  output.value(repo)
  const { fullName = "", installation, repository } = repo.github ?? {}
  output.line(
    `${name} is ${oneLine(fullName)} at GitHub (repository ${repository}, installation ${installation}).`,
  )
  return exitCodes.succeeded
}

const readToken = async (): Promise<string> => {
  if (process.stdin.isTTY) process.stderr.write("Paste the token, then Ctrl-D: ")
  const token = (await text(process.stdin)).trim()
  if (token === "") throw new UsageError("No token came on standard input; or give --ssh-key <file>.")
  return token
}
