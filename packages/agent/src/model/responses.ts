import { customNames, type Dialect, fullDialect, narrow } from "./dialect.ts"
import type { CallResult } from "./failure.ts"
import type { ModelEndpoint, ModelEvent, ModelRequest } from "./port.ts"
import { type Reply, startReply } from "./reply.ts"
import type { Process } from "./transport.ts"

/** What is learnt of a provider holds for one of its models. */
export const dialectKey = ({ baseUrl, model }: ModelEndpoint): string => `${baseUrl} ${model}`

/** One exchange in a dialect; the reply folds the events that come. */
export type Exchange = (dialect: Dialect, reply: Reply) => Promise<CallResult>

/**
 * Makes one call of the Responses API, whichever way it is carried. When the provider does not know a part of our dialect, that
 * is remembered for the process and the call is made again at once without it.
 */
export const callResponses = async (
  endpoint: ModelEndpoint,
  shared: Process,
  request: ModelRequest,
  onEvent: (event: ModelEvent) => void,
  exchange: Exchange,
): Promise<CallResult> => {
  const key = dialectKey(endpoint)
  for (;;) {
    const dialect = shared.dialects.get(key) ?? fullDialect
    const wrapped = dialect.customTools ? new Set<string>() : customNames(request.tools)
    const result = await exchange(dialect, startReply(onEvent, wrapped))
    const narrower = result.ok || result.said === undefined ? null : narrow(dialect, result.said)
    if (narrower === null) return result
    shared.dialects.set(key, narrower)
  }
}
