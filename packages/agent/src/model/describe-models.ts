import { deadline } from "@twolane/common/lifetime"
import { z } from "zod"
import { authorization, routeUrl } from "./body.ts"
import type { ModelEndpoint } from "./port.ts"

const lookupMs = 10_000

const ModelList = z.object({
  data: z.array(z.object({ id: z.string() })),
  has_more: z.boolean().optional(),
})

/** What the look-up at start found: `no-verdict` where the provider has no list, or did not answer. */
export type ModelVerdict = "ok" | "auth" | "unknown" | "no-verdict"

/** Looks a lane's model up in `GET {base}/models`, never by a generation. Rejects only with the signal's reason. */
export const describeModels = async (
  endpoint: Pick<ModelEndpoint, "model" | "baseUrl" | "apiKey">,
  signal: AbortSignal,
): Promise<ModelVerdict> => {
  using limit = deadline(lookupMs, signal)
  try {
    const headers = { ...authorization(endpoint.apiKey), "user-agent": "twolane" }
    const response = await fetch(routeUrl(endpoint.baseUrl, "models"), { headers, signal: limit.signal })
    if (response.status === 401 || response.status === 403) return "auth"
    if (!response.ok) return "no-verdict"
    return verdictOf(await response.json(), endpoint.model)
  } catch {
    signal.throwIfAborted()
    return "no-verdict" // unreachable, too slow, or not JSON: the first call will tell
  }
}

const verdictOf = (body: unknown, model: string): ModelVerdict => {
  const list = ModelList.safeParse(body)
  if (!list.success) return "no-verdict"
  // Some hosts list names below a folder, such as `models/…`.
  if (list.data.data.some(({ id }) => id === model || id.endsWith(`/${model}`))) return "ok"
  return list.data.has_more === true ? "no-verdict" : "unknown"
}
