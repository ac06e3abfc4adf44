import type { NewAuditRecord } from "@twolane/store"
import type { FastifyRequest } from "fastify"
import type { Gateway } from "../gateway.ts"
import { callerOf } from "../http/auth.ts"
import { faultOf } from "../http/problem.ts"
import { roles } from "../http/roles.ts"
import { actions } from "./actions.ts"
import { setRecorded } from "./recorded.ts"
import { fromOf, routeOf } from "./request.ts"

/**
 * Does what a request asks for, and records who asked. What an admin does is recorded before it is done; for the rest the record is written
 * beside the effect, so that nobody waits for it, and is there before the answer is. A refusal gets a record of its own.
 */
export const audited = async <Result>(
  { store, log }: Pick<Gateway, "store" | "log">,
  request: FastifyRequest,
  subject: string,
  act: () => Promise<Result>,
): Promise<Result> => {
  const { team } = callerOf(request)
  const record = recordOf(request, subject)
  setRecorded(request)
  const write = (): Promise<number> => {
    const appended = store.audit.append(team, [record])
    // It is awaited below; until then a failure must not end the process.
    appended.catch(() => {})
    return appended
  }
  const first = roles[routeOf(request)] === "admin" ? write() : null
  await first
  const acting = act()
  // In the same tick, but behind the effect: sealing a record takes as long as telling a worker to stop.
  const written = first ?? write()
  let result: Result
  try {
    result = await acting
  } catch (error) {
    const detail = { refused: faultOf(error).code }
    await written
      .then(of => store.audit.append(team, [{ ...record, detail: { ...detail, of } }]))
      .catch((cause: unknown) =>
        log.error({ error: cause, requestId: request.id }, "a refusal was not recorded"),
      )
    throw error
  }
  await written
  return result
}

const recordOf = (request: FastifyRequest, subject: string): NewAuditRecord => {
  const route = routeOf(request)
  const describe = actions[route]
  if (describe === undefined) throw new Error(`${route} is not in audit/actions.ts`)
  const params = (request.params ?? {}) as Record<string, string | undefined>
  const body = (request.body ?? {}) as Record<string, unknown>
  return {
    ...describe({ params, body, subject }),
    by: callerOf(request).actor,
    from: fromOf(request, callerOf(request)),
    request: request.id,
  }
}
