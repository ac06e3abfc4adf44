import type { CredentialRequest, GithubLink, Page, Repo } from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import { githubReposKey, teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { awaitSettled } from "../settle/await-settled.ts"
import type { Settling } from "../settle/settle.ts"
import type { Crypt } from "./crypt.ts"
import { decodeCursor, encodeCursor } from "./cursor.ts"
import { indexes } from "./memberships.ts"
import { walk } from "./walk.ts"

/** One hash a repo: `json` the record, `cred:<kind>` its credential, `secret:<name>` its secrets, both encrypted. */
const repoKey = (team: string, name: string): string => `${teamFamily(team)}repo:${name}`
const repoIndex = (team: string): string => `${teamFamily(team)}x:${indexes.repos}`

/** Registers a repo; false when the name is taken. */
export const createRepo = async (context: Context, repo: Repo): Promise<boolean> => {
  const json = JSON.stringify(repo)
  const created = await withDeadline(context.client.hsetnx(repoKey(repo.team, repo.name), "json", json))
  // Also when it was there: a crash may have come between the two.
  await withDeadline(context.client.zadd(repoIndex(repo.team), 0, repo.name))
  return created === 1
}

/** A repo with what is known of its credential and the names of its secrets; null when there is none. */
export const readRepo = async (context: Context, team: string, name: string): Promise<Repo | null> => {
  const [[json, link], fields] = await Promise.all([
    withDeadline(context.client.hmget(repoKey(team, name), "json", "github")),
    withDeadline(context.client.hkeys(repoKey(team, name))),
  ])
  if (json == null) return null
  const credential = (["token", "ssh"] as const).find(kind => fields.includes(`cred:${kind}`)) ?? "none"
  const secrets = fields
    .filter(field => field.startsWith("secret:"))
    .map(field => field.slice("secret:".length))
    .toSorted()
  const github = link == null ? {} : { github: fromJson<GithubLink>(link) }
  return { ...fromJson<Repo>(json), credential, secrets, ...github }
}

/** Repos by name. @throws Fault bad-cursor. */
export const listRepos = async (
  context: Context,
  team: string,
  page: { limit: number; cursor?: string },
): Promise<Page<Repo>> => {
  const cursor = decodeCursor("repos", page.cursor)
  const { members, last, ended } = await walk(context, team, {
    indexes: [indexes.repos],
    order: "oldest",
    after: cursor.last,
    wanted: page.limit,
    most: page.limit,
  })
  const repos = await Promise.all(members.map(name => readRepo(context, team, name)))
  return {
    items: repos.filter(repo => repo !== null),
    nextCursor: ended ? null : encodeCursor({ of: "repos", last, seen: 0 }),
  }
}

/** Removes a repo with its credential and secrets; false when it was not there. */
export const deleteRepo = async (context: Context, team: string, name: string): Promise<boolean> => {
  await linkGithub(context, { team, repo: name }, null)
  const removed = await withDeadline(context.client.del(repoKey(team, name)))
  await withDeadline(context.client.zrem(repoIndex(team), name))
  return removed === 1
}

/**
 * Says which repository at GitHub a repo is, or with null that it is none; false when that one is another repo's. Its claim stands before
 * the repo says so, and falls after.
 */
export const linkGithub = async (
  context: Context,
  { team, repo }: { team: string; repo: string },
  link: GithubLink | null,
): Promise<boolean> => {
  const { client } = context
  const owner = `${team}/${repo}`
  const before = (await readRepo(context, team, repo))?.github
  if (link !== null) {
    const claimed = await withDeadline(client.hsetnx(githubReposKey, String(link.repository), owner))
    const claimant = claimed === 1 ? owner : await githubOwner(context, link.repository)
    if (claimant !== owner) return false
    await withDeadline(client.hset(repoKey(team, repo), "github", JSON.stringify(link)))
  } else await withDeadline(client.hdel(repoKey(team, repo), "github"))
  if (before !== undefined && before.repository !== link?.repository)
    await withDeadline(client.hdel(githubReposKey, String(before.repository)))
  return true
}

const githubOwner = (context: Context, repository: number): Promise<string | null> =>
  withDeadline(context.client.hget(githubReposKey, String(repository)))

/** The teams that have repos at GitHub. */
export const readGithubTeams = async (context: Context): Promise<string[]> => {
  const owners = await withDeadline(context.client.hvals(githubReposKey))
  return [...new Set(owners.map(owner => owner.slice(0, owner.indexOf("/"))))]
}

/** The repo that is a repository at GitHub; null when none is linked with it. */
export const findGithubRepo = async (context: Context, repository: number): Promise<Repo | null> => {
  const owner = await githubOwner(context, repository)
  if (owner === null) return null
  const slash = owner.indexOf("/")
  const repo = await readRepo(context, owner.slice(0, slash), owner.slice(slash + 1))
  return repo?.github?.repository === repository ? repo : null
}

/** How many open turns a repo has. */
export const countOpenTurns = async (
  context: Context,
  flush: Settling["flush"],
  { team, repo }: { team: string; repo: string },
): Promise<number> => {
  await awaitSettled(context, flush, team)
  return await withDeadline(context.client.zcard(`${teamFamily(team)}x:${indexes.openTurns(repo)}`))
}

/** Sets, or with null deletes, the repo's credential. */
export const setCredential = async (
  context: Context,
  crypt: Crypt,
  target: { team: string; repo: string },
  credential: CredentialRequest | null,
): Promise<void> => {
  const key = repoKey(target.team, target.repo)
  const change = context.client.multi().hdel(key, "cred:token", "cred:ssh")
  if (credential !== null) {
    const sealed = crypt.seal(about(target, "cred"), JSON.stringify(credential))
    change.hset(key, `cred:${credential.kind}`, sealed)
  }
  await withDeadline(change.exec())
}

/** The repo's credential, decrypted. */
export const readCredential = async (
  context: Context,
  crypt: Crypt,
  target: { team: string; repo: string },
): Promise<CredentialRequest | null> => {
  const key = repoKey(target.team, target.repo)
  const sealed = await withDeadline(context.client.hmget(key, "cred:token", "cred:ssh"))
  const found = sealed.find(value => value !== null)
  return found == null ? null : fromJson<CredentialRequest>(crypt.open(about(target, "cred"), found))
}

/** Sets, or with null deletes, one of the repo's secrets. */
export const setSecret = async (
  context: Context,
  crypt: Crypt,
  target: { team: string; repo: string; name: string },
  value: string | null,
): Promise<void> => {
  const key = repoKey(target.team, target.repo)
  const field = `secret:${target.name}`
  if (value === null) await withDeadline(context.client.hdel(key, field))
  else await withDeadline(context.client.hset(key, field, crypt.seal(about(target, field), value)))
}

/** All secrets of the repo, decrypted, by name. */
export const readSecrets = async (
  context: Context,
  crypt: Crypt,
  target: { team: string; repo: string },
): Promise<Record<string, string>> => {
  const fields = await withDeadline(context.client.hgetall(repoKey(target.team, target.repo)))
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([field]) => field.startsWith("secret:"))
      .map(([field, sealed]) => [field.slice("secret:".length), crypt.open(about(target, field), sealed)]),
  )
}

const about = ({ team, repo }: { team: string; repo: string }, name: string): string =>
  `${team}/${repo}/${name}`

/** Which host alone can serve a repo, kept for a while: it never changes but by deleting the repo. */
export const makeRepoHosts = (context: Context): ((team: string, repo: string) => Promise<string | null>) => {
  const kept = new Map<string, { host: string | null; until: number }>()
  return async (team, repo) => {
    const key = `${team}/${repo}`
    const known = kept.get(key)
    if (known !== undefined && known.until > performance.now()) return known.host
    const json = await withDeadline(context.client.hget(repoKey(team, repo), "json"))
    const host = json === null ? null : (fromJson<Repo>(json).host ?? null)
    if (kept.size > 10_000) kept.clear()
    kept.set(key, { host, until: performance.now() + 30_000 })
    return host
  }
}
