import { CredentialRequest, SecretRequest } from "@twolane/protocol"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { problems, RepoPath, SecretPath } from "../http/schemas.ts"

const done = { 204: z.undefined().describe("Done."), ...problems }

/**
 * A repo's credential and secrets: they go in, and no route shows them again. The credential of a private source is set before the
 * repo is registered, since registering asks the source.
 */
export const secretRoutes = (app: App, { store, repos }: Gateway): void => {
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
    async (request, reply) => {
      const { team } = callerOf(request)
      await store.setCredential(team, request.params.name, request.body)
      await repos.forget(team, request.params.name)
      return reply.code(204).send()
    },
  )
  app.delete(
    "/v1/repos/:name/credential",
    { schema: { summary: "Delete the credential", tags: ["repos"], params: RepoPath, response: done } },
    async (request, reply) => {
      const { team } = callerOf(request)
      await store.setCredential(team, request.params.name, null)
      await repos.forget(team, request.params.name)
      return reply.code(204).send()
    },
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
    async (request, reply) => {
      const { team } = callerOf(request)
      await repos.get(team, request.params.name)
      await store.setSecret(team, request.params.name, request.params.key, request.body.value)
      return reply.code(204).send()
    },
  )
  app.delete(
    "/v1/repos/:name/secrets/:key",
    { schema: { summary: "Delete a secret", tags: ["repos"], params: SecretPath, response: done } },
    async (request, reply) => {
      const { team } = callerOf(request)
      await repos.get(team, request.params.name)
      await store.setSecret(team, request.params.name, request.params.key, null)
      return reply.code(204).send()
    },
  )
}
