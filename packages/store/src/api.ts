import { readArchiveTotals } from "./archive/counts.ts"
import type { Context } from "./context.ts"
import type { Hub } from "./follow/hub.ts"
import { decodeForAll } from "./follow/message.ts"
import { makeStillQuiet } from "./follow/quiet.ts"
import { followTask, quietMs } from "./follow/task.ts"
import { followTeam } from "./follow/team.ts"
import { readKpis } from "./kpis/query.ts"
import { readTotals } from "./kpis/totals.ts"
import type { Store } from "./port.ts"
import { forgetRepo, queueCalls } from "./queue/calls.ts"
import { readQueuePlaces } from "./queue/view.ts"
import { openRateBook } from "./rates/book.ts"
import type { Settling } from "./settle/settle.ts"
import { spendCalls } from "./spend/calls.ts"
import { changeTask } from "./task/change.ts"
import { type CreateParts, createMany, makeCreate } from "./task/create.ts"
import { awaitEffect } from "./task/effects.ts"
import type { Groups } from "./task/group.ts"
import { readPack, savePack } from "./task/packs.ts"
import { findTask, readEvents, readTask, readTasks } from "./task/read.ts"
import { readActive } from "./team/active.ts"
import { countTasks } from "./team/counts.ts"
import type { Crypt } from "./team/crypt.ts"
import { listGates, listTasks } from "./team/list.ts"
import * as repos from "./team/repos.ts"
import { type RepoHost, readDoors, readForTurn, readWorkers } from "./worker/doors.ts"
import { setDrained } from "./worker/drain.ts"

/** The store's calls about tasks. */
export const taskApi = (
  context: Context,
  parts: CreateParts & Pick<Settling, "flush"> & { groups: Groups },
) =>
  ({
    create: makeCreate(context, parts),
    createMany: tasks => createMany(context, parts, tasks),
    createGroup: parts.groups.create,
    completeGroup: first => parts.groups.complete(first),
    read: ref => readTask(context, ref),
    find: task => findTask(context, task),
    readMany: (team, tasks) => readTasks(context, team, tasks),
    change: async change => {
      const result = await changeTask(context, parts.settle, change)
      if (!result.ok && result.why === "leased") throw new Error("a plain write asks for no lease")
      return result.ok ? result : { ok: false, why: result.why === "stale" ? "stale" : "absent" }
    },
    list: (team, filter, page) =>
      listTasks(
        context,
        { flush: parts.flush, placesOf: tasks => readQueuePlaces(context, team, tasks) },
        { team, filter },
        page,
      ),
    gates: (team, page) => listGates(context, parts.flush, team, page),
    active: (team, repo) => readActive(context, team, repo),
    counts: (team, filter) => countTasks(context, team, filter),
    events: (ref, after, limit) => readEvents(context, ref, { after, limit }),
    savePack: (ref, attempt, checkpoint, pack) => savePack(context, ref, attempt, { checkpoint, pack }),
    pack: ref => readPack(context, ref),
    kpis: (team, query) => readKpis(context, team, query),
    totals: async () => [...(await readTotals(context)), ...(await readArchiveTotals(context))],
  }) satisfies Partial<Store>

/** The store's live streams. */
export const streamApi = (context: Context, hub: Hub) => {
  const parts = { hub, decode: decodeForAll(), stillQuiet: makeStillQuiet(quietMs) }
  return {
    follow: (ref, after, signal) => followTask(context, parts, { ref, after }, signal),
    followTeam: (team, cursor, signal) => followTeam(context, hub, { team, cursor }, signal),
  } satisfies Partial<Store>
}

/** The store's calls about the queue, the workers and the outbox. */
export const queueApi = (context: Context, { hub, repoHost }: { hub: Hub; repoHost: RepoHost }) =>
  ({
    ...queueCalls(context),
    ...spendCalls(context),
    rateBook: worker => openRateBook(context, worker),
    workers: () => readWorkers(context),
    setDrained: (worker, drained) => setDrained(context, worker, drained),
    doors: (lane, of) => readDoors(context, repoHost, lane, of),
    readForTurn: (lane, ref) => readForTurn(context, repoHost, lane, ref),
    effectResult: (ref, op, timeoutMs, signal) => awaitEffect(context, hub, { ref, op, timeoutMs }, signal),
  }) satisfies Partial<Store>

/** The store's calls about repos, their credentials and secrets. */
export const repoApi = (context: Context, flush: Settling["flush"], crypt: Crypt) =>
  ({
    createRepo: repo => repos.createRepo(context, repo),
    repo: (team, name) => repos.readRepo(context, team, name),
    repos: (team, page) => repos.listRepos(context, team, page),
    deleteRepo: async (team, name) => {
      await forgetRepo(context, { team, repo: name })
      return await repos.deleteRepo(context, team, name)
    },
    setCredential: (team, repo, credential) =>
      repos.setCredential(context, crypt, { team, repo }, credential),
    credential: (team, repo) => repos.readCredential(context, crypt, { team, repo }),
    setSecret: (team, repo, name, value) => repos.setSecret(context, crypt, { team, repo, name }, value),
    secrets: (team, repo) => repos.readSecrets(context, crypt, { team, repo }),
    linkGithub: (team, repo, link) => repos.linkGithub(context, { team, repo }, link),
    githubTeams: () => repos.readGithubTeams(context),
    findGithubRepo: repository => repos.findGithubRepo(context, repository),
    openTurns: (team, repo) => repos.countOpenTurns(context, flush, { team, repo }),
  }) satisfies Partial<Store>
