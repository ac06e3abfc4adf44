import { type DiskItem, DiskView, RepoName } from "@twolane/protocol"
import type { DiskReport } from "@twolane/store"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { NoQuery, problems } from "../http/schemas.ts"

const ReclaimRequest = z.strictObject({ repo: RepoName })
const Reclaiming = z.object({ repo: z.string(), requestedAt: z.number().int() })

/** What repos take on the machines, and tidying them. */
export const diskRoutes = (app: App, gateway: Gateway): void => {
  app.get(
    "/v1/disk",
    {
      schema: {
        summary: "What each repo takes on each machine, as of the last ten minutes",
        tags: ["repos"],
        querystring: NoQuery,
        response: { 200: DiskView, ...problems },
      },
    },
    request => viewDisk(gateway, callerOf(request).team),
  )
  app.post(
    "/v1/disk/reclaim",
    {
      schema: {
        summary:
          "Tidy a repo on every machine: done when its reclaimedAt is at least this answer's requestedAt",
        tags: ["repos"],
        body: ReclaimRequest,
        response: { 202: Reclaiming, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: request.body.repo,
        repeatable: true,
        act: async repo => {
          const { team } = callerOf(request)
          await gateway.repos.get(team, repo)
          return { status: 202, body: { repo, requestedAt: await gateway.store.disk.wish(team, repo) } }
        },
      }),
  )
}

const viewDisk = async ({ store }: Gateway, team: string): Promise<DiskView> => {
  const reports = await store.disk.reports()
  const tasks = [...new Set(reports.flatMap(({ workspaces }) => workspaces.map(({ task }) => task)))]
  const states = await store.readMany(team, tasks)
  const repoOf = new Map(states.flatMap(state => (state === null ? [] : [[state.id, state.repo] as const])))
  return {
    hosts: reports.map(({ host, at, freeBytes, totalBytes }) => ({ host, at, freeBytes, totalBytes })),
    items: reports.flatMap(report => itemsOf(report, team, repoOf)),
  }
}

const itemsOf = (report: DiskReport, team: string, repoOf: ReadonlyMap<string, string>): DiskItem[] =>
  report.repos
    .filter(repo => repo.team === team)
    .map(({ team: _team, ...repo }) => ({
      ...repo,
      host: report.host,
      workspaceBytes: report.workspaces
        .filter(({ task }) => repoOf.get(task) === repo.repo)
        .reduce((sum, { bytes }) => sum + bytes, 0),
    }))
