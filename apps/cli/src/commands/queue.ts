import type { QueueLimitsInput, QueuePart } from "@twolane/client"
import { duration } from "@twolane/common/words"
import type { LaneQueue, QueueView } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"
import { limitLines } from "./limit-lines.ts"

/** `twolane queue`. */
export const queueCommand = async (context: Context): Promise<number> =>
  showQueue(context, await context.client.queue({ signal: context.signal }))

/** `twolane queue pause|resume`. */
export const pauseCommand = async (context: Context, pause: boolean, of: QueuePart): Promise<number> => {
  const { client, signal } = context
  return showQueue(
    context,
    pause ? await client.pauseQueue(of, { signal }) : await client.resumeQueue(of, { signal }),
  )
}

/** `twolane queue limits`: the deep lane's limits, once what is asked for has changed. */
export const limitsCommand = async (
  { client, output, signal }: Context,
  change: QueueLimitsInput,
): Promise<number> => {
  const asked = Object.keys(change).length > 0
  const view = asked ? await client.limitQueue(change, { signal }) : await client.queue({ signal })
  const { limits } = view.lanes.deep
  output.value(limits)
  for (const line of limitLines(limits)) output.line(line)
  return exitCodes.succeeded
}

const showQueue = ({ output }: Context, view: QueueView): number => {
  output.value(view)
  for (const [lane, queue] of Object.entries(view.lanes)) {
    output.line(`${lane}: ${queueWords(queue)}`)
    if (queue.pausedRepos.length > 0) output.line(`  paused repos: ${queue.pausedRepos.join(", ")}`)
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
