import { Fault, Repo, RepoRequest } from "@twolane/protocol"
import { z } from "zod"
import { audited } from "../audit/audited.ts"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { listOf, NoQuery, PageQuery, pageAsked, problems, RepoPath } from "../http/schemas.ts"

/** Registers, lists and forgets repos. */
export const repoRoutes = (app: App, gateway: Gateway): void => {
  const { store, repos } = gateway
  app.post(
    "/v1/repos",
    {
      schema: {
        summary: "Register a repo; its mirror is made first",
        tags: ["repos"],
        body: RepoRequest,
        response: { 201: Repo, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: request.body.name,
        repeatable: false,
        act: async name => {
          const repo = await repos.register(callerOf(request).team, request.body)
          return { status: 201, body: repo, headers: { location: `/v1/repos/${name}` } }
        },
      }),
  )
  app.get(
    "/v1/repos",
    { schema: { summary: "All repos", tags: ["repos"], querystring: PageQuery, response: listOf(Repo) } },
    request => store.repos(callerOf(request).team, pageAsked(request.query)),
  )
  app.get(
    "/v1/repos/:name",
    {
      schema: {
        summary: "One repo",
        tags: ["repos"],
        params: RepoPath,
        querystring: NoQuery,
        response: { 200: Repo, ...problems },
      },
    },
    request => repos.get(callerOf(request).team, request.params.name),
  )
  app.delete(
    "/v1/repos/:name",
    {
      schema: {
        summary: "Remove a repo; its tasks stay readable",
        tags: ["repos"],
        params: RepoPath,
        response: { 204: z.undefined().describe("It is gone."), ...problems },
      },
    },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        const { team } = callerOf(request)
        const { name } = request.params
        await repos.get(team, name)
        if ((await store.openTurns(team, name)) > 0)
          throw new Fault("repo-in-use", "Cancel its open turns first, or wait for their end.")
        await store.deleteRepo(team, name)
        await repos.forget(team, name)
        return reply.code(204).send()
      }),
  )
}
