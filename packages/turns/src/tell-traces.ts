import type { Logger } from "@twolane/common"
import { openTraces } from "@twolane/common/trace/open-traces"
import { spansOfAttempt } from "@twolane/common/trace/spans-of-attempt"
import { beforeFirst } from "@twolane/protocol"
import type { AttemptRef, Store } from "@twolane/store"

/** Hears of attempts that are over, and sends their spans. Disposing it sends the last ones. */
export type TraceTeller = AsyncDisposable & { left: (attempt: AttemptRef) => void }

const mostEvents = 10_000

/** Tells of attempts from their logs, when they are over: a turn itself does nothing for it. */
export const tellTraces = (
  { part, url, content }: { part: string; url: string; content: boolean },
  store: Pick<Store, "events">,
  log: Logger,
): TraceTeller => {
  const traces = openTraces(part, url)
  const telling = new Set<Promise<void>>()
  const tell = async ({ team, task, turn, attempt }: AttemptRef) => {
    const events = await store.events({ team, task }, beforeFirst, mostEvents)
    for (const span of spansOfAttempt(events, { task, turn, attempt, content })) traces.send(span)
  }
  return {
    left: attempt => {
      const told = tell(attempt)
        .catch((error: unknown) => log.debug({ error, task: attempt.task }, "an attempt's trace is lost"))
        .finally(() => telling.delete(told))
      telling.add(told)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(telling)
      await traces[Symbol.asyncDispose]()
    },
  }
}
