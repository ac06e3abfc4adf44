import type { KpiQuery } from "@twolane/client"
import { duration } from "@twolane/common/words"
import type { Kpi, Lane, LaneQueue, QueueView } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"

/** `twolane queue`. */
export const queueCommand = async (context: Context): Promise<number> =>
  showQueue(context, await context.client.queue({ signal: context.signal }))

/** `twolane queue pause|resume`. */
export const pauseCommand = async (
  context: Context,
  pause: boolean,
  lane: Lane | undefined,
): Promise<number> => {
  const { client, signal } = context
  return showQueue(
    context,
    pause ? await client.pauseQueue(lane, { signal }) : await client.resumeQueue(lane, { signal }),
  )
}

const showQueue = ({ output }: Context, view: QueueView): number => {
  output.value(view)
  for (const [lane, queue] of Object.entries(view.lanes)) {
    output.line(`${lane}: ${queueWords(queue)}`)
    for (const provider of queue.providers)
      if (provider.state !== "open")
        output.line(`  ${provider.model} at ${provider.host}: ${provider.reason}`)
  }
  return exitCodes.succeeded
}

const queueWords = (queue: LaneQueue): string =>
  [
    `${queue.waiting} waiting, ${queue.running} running of ${queue.slots} slots`,
    ...(queue.waiting === 0 ? [] : [`oldest waits ${duration(queue.oldestWaitMs)}`]),
    `${queue.ratePerHour} ended in the last hour`,
    ...(queue.etaMs === null || queue.waiting === 0 ? [] : [`empty in about ${duration(queue.etaMs)}`]),
    ...(queue.paused ? ["PAUSED"] : []),
  ].join(", ")

/** `twolane kpis`. */
export const kpisCommand = async ({ client, output, signal }: Context, query: KpiQuery): Promise<number> => {
  const kpis = await client.kpis(query, { signal })
  output.value(kpis)
  output.line(`The last ${kpis.window}:`)
  const measured = kpis.items.filter(kpi => kpi.count + kpi.never > 0)
  if (measured.length === 0) output.line("  nothing was measured")
  for (const kpi of measured) output.line(`  ${kpi.lane.padEnd(5)} ${kpi.name.padEnd(20)} ${kpiWords(kpi)}`)
  return exitCodes.succeeded
}

/** A KPI's figures: `12 turns, p50 3.1 s, p90 …`, `rate 0.25`. */
export const kpiWords = (kpi: Kpi): string => {
  const value = (figure: number) =>
    kpi.unit === "ms" ? duration(figure) : `${Math.round(figure * 10_000) / 10_000}`
  const figures = [
    ["p50", kpi.p50],
    ["p90", kpi.p90],
    ["p99", kpi.p99],
    ["rate", kpi.rate],
  ] as const
  const shown = figures.flatMap(([name, figure]) => (figure === null ? [] : [`${name} ${value(figure)}`]))
  const never = kpi.never === 0 ? [] : [`${kpi.never} never`]
  return [`${kpi.count} measured`, ...never, ...shown].join(", ")
}
