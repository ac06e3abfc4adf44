import { CredentialRequest, Fault, type Repo, SecretRequest } from "@twolane/protocol"
import { parseSource } from "@twolane/workspace"
import { z } from "zod"
import { audited } from "../audit/audited.ts"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { problems, RepoPath, SecretPath } from "../http/schemas.ts"

const done = { 204: z.undefined().describe("Done."), ...problems }

/**
 * A repo's credential and secrets: they go in, and no route shows them again. The credential of a private source is set before the
 * repo is registered, since registering asks the source.
 */
export const secretRoutes = (app: App, gateway: Gateway): void => {
  const { store, repos } = gateway
  app.put(
    "/v1/repos/:name/credential",
    {
      schema: {
        summary: "Set the credential for a repo's source, also before it is registered",
        tags: ["repos"],
        params: RepoPath,
        body: CredentialRequest,
        response: done,
      },
    },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        const { team } = callerOf(request)
        refuseMisfit(await store.repo(team, request.params.name), request.body)
        await store.setCredential(team, request.params.name, request.body)
        await repos.forget(team, request.params.name)
        return reply.code(204).send()
      }),
  )
  app.delete(
    "/v1/repos/:name/credential",
    { schema: { summary: "Delete the credential", tags: ["repos"], params: RepoPath, response: done } },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        const { team } = callerOf(request)
        await store.setCredential(team, request.params.name, null)
        await repos.forget(team, request.params.name)
        return reply.code(204).send()
      }),
  )
  app.put(
    "/v1/repos/:name/secrets/:key",
    {
      schema: {
        summary: "Set a secret for a repo's setup",
        tags: ["repos"],
        params: SecretPath,
        body: SecretRequest,
        response: done,
      },
    },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        const { team } = callerOf(request)
        await repos.get(team, request.params.name)
        await store.setSecret(team, request.params.name, request.params.key, request.body.value)
        return reply.code(204).send()
      }),
  )
  app.delete(
    "/v1/repos/:name/secrets/:key",
    { schema: { summary: "Delete a secret", tags: ["repos"], params: SecretPath, response: done } },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        const { team } = callerOf(request)
        await repos.get(team, request.params.name)
        await store.setSecret(team, request.params.name, request.params.key, null)
        return reply.code(204).send()
      }),
  )
}

const sourceKinds = { token: "https", ssh: "ssh" } as const

/** A credential that the repo's source can't be asked with would fail each fetch from now on. One that is not registered yet is told then. */
const refuseMisfit = (repo: Repo | null, { kind }: CredentialRequest): void => {
  if (repo === null || parseSource(repo.source).kind === sourceKinds[kind]) return
  const message = `a credential of this kind does not fit the source ${repo.source}`
  throw new Fault("invalid", "Some fields are wrong; see errors.", { errors: [{ path: "kind", message }] })
}
