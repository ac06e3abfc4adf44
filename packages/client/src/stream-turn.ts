import type { Problem, Task, TaskDelta, TaskEvent } from "@twolane/protocol"
import type { EffectOptions } from "./api.ts"
import { followTask } from "./follow.ts"
import { ClientProblem, Unreachable } from "./problem.ts"
import { postForStream } from "./stream.ts"
import type { Transport } from "./transport.ts"
import { noWatch, seen, type Watch, watchOf } from "./watch.ts"

/** How a turn is streamed. */
export type StreamOptions = EffectOptions & {
  /** The last event that is known of the task: a turn that is queued instead of streamed is followed from there. */
  after?: string
  /** Let the turn go on when this reader leaves; it is interrupted otherwise. */
  onDisconnect?: "continue"
  /** How long a stream that broke is tried again before the error is thrown. */
  patienceMs?: number
}

/**
 * Asks for a turn and yields its events and live text as they come, to its end or to that of the turn it is handed to. When the answer is
 * no stream (the deep lane), or its stream breaks after the task is known, it goes on as `follow` does, each event once. Ends with its
 * signal, without an error.
 * @throws ClientProblem also for a problem that comes in the stream, unless another try at the same turn may still go on
 */
export async function* streamTurn(
  transport: Transport,
  request: { path: string; body: unknown },
  options: StreamOptions = {},
): AsyncGenerator<TaskEvent | TaskDelta, void> {
  const signal = options.signal ?? new AbortController().signal
  let watch = noWatch
  try {
    for await (const told of answerTo(transport, request, { ...options, signal })) {
      watch = "watch" in told ? told.watch : seen(watch, told)
      if (!("watch" in told)) yield told
      if (watch.over || signal.aborted) return
    }
  } catch (error) {
    if (signal.aborted) return
    if (!mayGoOn(error, watch)) throw error
  }
  if (watch.task === null) throw new Unreachable(transport.baseUrl, new Error("the stream ended too early"))
  const { patienceMs } = options
  const follow = {
    signal,
    wasWell: true,
    ...afterOf(watch),
    ...(patienceMs === undefined ? {} : { patienceMs }),
  }
  for await (const event of followTask(transport, watch.task, follow)) {
    watch = seen(watch, event)
    yield event
    if (watch.over) return
  }
}

const afterOf = ({ after }: Watch): { after?: string } => (after === null ? {} : { after })

/** What the answer says: events and deltas, or, where it is the task itself, from where to follow it. */
async function* answerTo(
  transport: Transport,
  { path, body }: { path: string; body: unknown },
  {
    idempotencyKey = crypto.randomUUID(),
    onDisconnect,
    after,
    signal,
  }: StreamOptions & { signal: AbortSignal },
): AsyncGenerator<TaskEvent | TaskDelta | { watch: Watch }, void> {
  const query = onDisconnect === undefined ? "" : `?onDisconnect=${onDisconnect}`
  const answer = await postForStream(transport, { path: `${path}${query}`, body, idempotencyKey, signal })
  if ("json" in answer) return yield { watch: watchOf(answer.json as Task, after ?? null) }
  for await (const { event, data } of answer.messages) {
    if (event === "problem") throw new ClientProblem(JSON.parse(data) as Problem & Record<string, unknown>)
    yield JSON.parse(data) as TaskEvent | TaskDelta
  }
}

/** Whether the task is there, and its turn may go on without this stream: what broke was the way to it, or one worker. */
const mayGoOn = (error: unknown, watch: Watch): boolean =>
  watch.task !== null &&
  (error instanceof Unreachable || (error instanceof ClientProblem && error.problem.retryable))
