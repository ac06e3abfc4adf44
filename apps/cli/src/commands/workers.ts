import { sleep } from "@twolane/common"
import { oneLine } from "@twolane/common/clean"
import { ago } from "@twolane/common/words"
import type { WorkerView } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"

/** How often a worker is looked at while one waits for it. */
const lookEveryMs = 500

/** `twolane workers`: who is there, and what each does. */
export const workersCommand = async ({ client, output, signal }: Context): Promise<number> => {
  const page = await client.workers({ signal })
  output.value(page)
  if (page.items.length === 0) output.line("No worker is there.")
  for (const worker of page.items) output.line(wordsOf(worker))
  return exitCodes.succeeded
}

/** `twolane workers drain`: with `wait`, until it has nothing to do any more. */
export const drainCommand = async (
  { client, output, signal }: Context,
  { worker, wait }: { worker: string; wait: boolean },
): Promise<number> => {
  let now = await client.drainWorker(worker, { signal })
  while (wait && now.busy > 0) {
    await sleep(lookEveryMs, signal)
    const { items } = await client.workers({ signal })
    // One that is gone has nothing to do either.
    now = items.find(({ id }) => id === worker) ?? { ...now, busy: 0, turns: [] }
  }
  output.value(now)
  output.line(wordsOf(now))
  return exitCodes.succeeded
}

/** `twolane workers resume`. */
export const resumeCommand = async ({ client, output, signal }: Context, worker: string): Promise<number> => {
  const now = await client.resumeWorker(worker, { signal })
  output.value(now)
  output.line(wordsOf(now))
  return exitCodes.succeeded
}

const wordsOf = ({ id, lane, host, pid, busy, capacity, holding, since }: WorkerView): string => {
  const takes = holding === undefined ? "takes turns" : `takes no new turns: ${oneLine(holding)}`
  return `${id}  ${lane}, ${oneLine(host)}:${pid}, ${busy} of ${capacity} busy, ${takes}, started ${ago(since, Date.now())}`
}
