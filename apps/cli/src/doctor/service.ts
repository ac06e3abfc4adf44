import { randomBytes } from "node:crypto"
import { describeModels } from "@twolane/agent/model/describe-models"
import { ClientProblem, Unreachable } from "@twolane/client"
import { type Config, keptKeys, readPrices } from "@twolane/common"
import { Lane } from "@twolane/protocol"
import { openStore } from "@twolane/store"
import { connect, findAccess } from "../connect.ts"
import { isSimulated } from "../up/plan.ts"
import { bad, type Finding, ok, warn } from "./finding.ts"

/** Each lane's model, looked up as at start: never by a generation. */
export const checkModels = async (config: Config, signal: AbortSignal): Promise<Finding[]> => {
  if (isSimulated(config))
    return [warn("models", "none is configured: npm start serves a simulated one (set OPENAI_API_KEY)")]
  const lanes = Lane.options.map(async (lane): Promise<Finding> => {
    const model = config.models[lane]
    const check = `${lane} model` as const
    if (!model.configured) return warn(check, `not configured (TWOLANE_${lane.toUpperCase()}_API_KEY)`)
    switch (await describeModels(model, signal)) {
      case "ok":
        return ok(check, `${model.model} at ${model.baseUrl}`)
      case "auth":
        return bad(
          check,
          `${model.baseUrl} refuses the key (OPENAI_API_KEY or TWOLANE_${lane.toUpperCase()}_API_KEY)`,
        )
      case "unknown":
        return bad(
          check,
          `${model.baseUrl} does not know ${model.model} (TWOLANE_${lane.toUpperCase()}_MODEL)`,
        )
      case "no-verdict":
        return warn(check, `${model.model}: ${model.baseUrl} has no list of models, or does not answer`)
    }
  })
  return [...(await Promise.all(lanes)), checkPrices(config)]
}

const checkPrices = (config: Config): Finding => {
  const prices = readPrices(config.pricesPath)
  const models = [config.models.fast.model, config.models.deep.model]
  const without = models.filter(model => !(model in prices))
  return without.length === 0
    ? ok("prices", "known for both lanes")
    : warn("prices", `none for ${without.join(", ")}: cost is not counted`)
}

/** Leases and times go by Redis' clock; what is far from it shows wrong times, and cannot check certificates. */
const mostSkewMs = 2_000

/** How far this machine's clock is from another one. */
export const checkClock = (skewMs: number, of: string): Finding => {
  const words = `${(Math.abs(skewMs) / 1_000).toFixed(1)} s ${skewMs > 0 ? "behind" : "ahead of"} ${of}'s`
  return Math.abs(skewMs) > mostSkewMs
    ? warn("clock", `this machine's is ${words}`)
    : ok("clock", `as ${of}'s`)
}

/** The settings of a Redis of one's own (promise I31). */
export const checkRedisSettings = async (config: Config): Promise<Finding[]> => {
  if (config.redisUrl === null) return []
  try {
    await using store = await openStore({
      url: config.redisUrl,
      // It reads nothing that is encrypted, and makes no keys before the first start does.
      secretKey: randomBytes(32).toString("base64url"),
      onError: () => {},
    })
    const { refusals, warnings, version } = await store.check()
    return [
      checkClock(store.now() - Date.now(), "Redis"),
      ...refusals.map(text => bad("redis settings", text)),
      ...warnings.map(text => warn("redis settings", text)),
      ...(refusals.length + warnings.length === 0 ? [ok("redis settings", version)] : []),
    ]
  } catch (error) {
    return [
      bad(
        "redis settings",
        `REDIS_URL does not answer: ${error instanceof Error ? error.message : String(error)}`,
      ),
    ]
  }
}

/** The gateway that commands speak to, and its workers. */
export const checkGateway = async (config: Config, signal: AbortSignal): Promise<Finding[]> => {
  if (config.apiKey === null && keptKeys(config.dataDir) === null)
    return [ok("gateway", "not started here yet (npm start)")]
  const { url } = findAccess(config)
  try {
    const client = connect()
    const { status, reasons, workers } = await client.readiness({ signal })
    await client.me({ signal })
    const words = `${url}: ${workers.deep} deep and ${workers.fast} fast workers`
    return [status === "ready" ? ok("gateway", words) : warn("gateway", `${words}; ${reasons.join("; ")}`)]
  } catch (error) {
    if (error instanceof ClientProblem)
      return [bad("gateway", `${url} does not take this key: ${error.problem.detail}`)]
    if (!(error instanceof Unreachable)) throw error
    return [warn("gateway", `${url} does not answer: it is not running`)]
  }
}
