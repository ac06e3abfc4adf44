import { Lane } from "@twolane/protocol"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { measureTeams } from "../http/measure-teams.ts"
import { prometheusText } from "../http/prometheus.ts"
import { NoQuery, problems } from "../http/schemas.ts"

const Readiness = z.object({
  status: z.enum(["ready", "waiting"]),
  /** What is still missing, in words. */
  reasons: z.array(z.string()),
  workers: z.object({ fast: z.number(), deep: z.number() }),
})
type Readiness = z.infer<typeof Readiness>

/** How long an accepted check of Redis' settings holds. */
const checkedForMs = 10_000

/** Liveness, readiness, and metrics of this process and the whole fleet; open to everyone who reaches the port. */
export const healthRoutes = (app: App, gateway: Gateway): void => {
  const ready = readinessOf(gateway)
  app.get(
    "/healthz",
    {
      schema: {
        summary: "Whether the process lives",
        tags: ["health"],
        querystring: NoQuery,
        response: { 200: z.object({ status: z.literal("ok") }), ...problems },
      },
    },
    async () => ({ status: "ok" as const }),
  )
  app.get(
    "/readyz",
    {
      schema: {
        summary: "Whether it can take tasks",
        tags: ["health"],
        querystring: NoQuery,
        response: { 200: Readiness, 503: Readiness, ...problems },
      },
    },
    async (_request, reply) => {
      const answer = await ready()
      return reply.code(answer.status === "ready" ? 200 : 503).send(answer)
    },
  )
  app.get("/metrics", { schema: { hide: true } }, async (_request, reply) => {
    const { store, config, metrics } = gateway
    const { registry } = metrics
    const budgets = config.metricsTeams ? store.budgets() : []
    const [totals, views] = await Promise.all([store.totals(), budgets, measureFleet(gateway)])
    measureTeams(metrics, views)
    return reply.type(registry.contentType).send((await registry.metrics()) + prometheusText(totals))
  })
}

const readinessOf = ({ store, config, stopping }: Gateway): (() => Promise<Readiness>) => {
  const seen = new Set<Lane>()
  let checkedAt = Number.NEGATIVE_INFINITY
  return async () => {
    const [workers, refusals] = await Promise.all([
      store.workers(),
      Date.now() - checkedAt < checkedForMs ? [] : store.check().then(check => check.refusals),
    ])
    await store.ping()
    if (refusals.length === 0) checkedAt = Date.now()
    for (const { lane } of workers) seen.add(lane)
    const missing = config.readyLanes.filter(lane => !seen.has(lane))
    const reasons = [
      ...(stopping.aborted ? ["the gateway is stopping"] : []),
      ...refusals,
      ...missing.map(lane => `no ${lane} worker has come yet`),
    ]
    const count = (lane: Lane) => workers.filter(worker => worker.lane === lane).length
    return {
      status: reasons.length === 0 ? "ready" : "waiting",
      reasons,
      workers: { fast: count("fast"), deep: count("deep") },
    }
  }
}

/** The fleet's state is asked for when somebody looks, not kept. */
const measureFleet = async ({ store, metrics }: Gateway): Promise<void> => {
  const present = store.workers()
  const measure = async (lane: Lane) => {
    const [workers, { paused, wanted, ...depth }] = await Promise.all([present, store.depth(lane)])
    metrics.slotsWanted.set({ lane }, wanted.slots)
    metrics.slotWait.set({ lane }, wanted.waitMs / 1_000)
    for (const [state, count] of Object.entries(depth)) metrics.queueDepth.set({ lane, state }, count)
    metrics.queuePaused.set({ lane }, Number(paused))
    const ofLane = workers.filter(worker => worker.lane === lane)
    const taking = ofLane.filter(({ holding }) => holding === undefined)
    metrics.workers.set({ lane, state: "taking" }, taking.length)
    metrics.workers.set({ lane, state: "holding" }, ofLane.length - taking.length)
    metrics.slots.set(
      { lane },
      taking.reduce((sum, { capacity }) => sum + capacity, 0),
    )
  }
  await Promise.all(Lane.options.map(measure))
}
