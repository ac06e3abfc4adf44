import { Fault, GithubLinkRequest, Repo } from "@twolane/protocol"
import { z } from "zod"
import { teamFor } from "../access/team-for.ts"
import { audited } from "../audit/audited.ts"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { type Caller, callerOf, operates } from "../http/auth.ts"
import { problems, RepoPath } from "../http/schemas.ts"

/** Which repository at GitHub a repo is. The numbers are looked up by the repo's own source, and kept: a name may be given away later. */
export const githubRoutes = (app: App, gateway: Gateway): void => {
  const { store, repos, github, ending } = gateway
  app.put(
    "/v1/repos/:name/github",
    {
      schema: {
        summary: "Link a repo with the GitHub repository that its source is, through the GitHub App",
        tags: ["repos"],
        params: RepoPath,
        body: GithubLinkRequest,
        response: { 200: Repo, ...problems },
      },
    },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        const { team: wanted, ...chosen } = request.body
        const { name } = request.params
        const team = teamFor(callerOf(request), wanted)
        const { source } = await repos.get(team, name)
        refuseToLink(callerOf(request))
        const found = await github.find(source, ending)
        if (!(await store.linkGithub(team, name, { ...found, ...chosen })))
          throw new Fault(
            "already-exists",
            `${found.fullName} is linked with another repo; unlink that one first.`,
          )
        await repos.forget(team, name)
        return reply.send(await repos.get(team, name))
      }),
  )
  app.delete(
    "/v1/repos/:name/github",
    {
      schema: {
        summary: "Unlink a repo from GitHub: nothing said there reaches it any more",
        tags: ["repos"],
        params: RepoPath,
        response: { 204: z.undefined().describe("It is unlinked."), ...problems },
      },
    },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        const { team } = callerOf(request)
        await repos.get(team, request.params.name)
        await store.linkGithub(team, request.params.name, null)
        await repos.forget(team, request.params.name)
        return reply.code(204).send()
      }),
  )
}

/**
 * The App may be installed for repositories that are none of a team's business, and a link lets it push there: whoever runs Twolane gives
 * them out.
 * @throws Fault forbidden
 */
const refuseToLink = (caller: Caller): void => {
  if (operates(caller)) return
  throw new Fault(
    "forbidden",
    "Only the key of the settings (TWOLANE_API_KEY) links repos of other teams: ask whoever runs Twolane.",
  )
}
