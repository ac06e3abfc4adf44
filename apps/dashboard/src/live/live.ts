import type { Client, Connection } from "@twolane/client"
import type { Task, TaskEvent } from "@twolane/protocol"
import { isSignedOut } from "../session/session.ts"
import { createStore, type Store } from "../store.ts"
import { startFeed } from "./feed.ts"
import { loadOpenTasks, loadWaiting } from "./open-tasks.ts"
import { createTaskTable, type Missing, type Tasks } from "./task-table.ts"
import { throttle } from "./throttle.ts"

/** How the page hears from the gateway. */
export type LiveState =
  | { state: "connecting" }
  | { state: "open" }
  /** Broken since then, and tried again. */
  | { state: "broken"; since: number }
  | { state: "signed-out" }
  | { state: "failed"; error: unknown }

/** Whether the open tasks have been loaded. */
export type Loading = { state: "loading" } | { state: "ready" } | { state: "failed"; error: unknown }

/** What may be old: the lanes' figures and the workers, or, after a gap in the stream, every list that was loaded. */
export type Stale = "queue" | "everything"

type Readable<Value> = Pick<Store<Value>, "get" | "subscribe">

/** What the page knows of the team's work, kept up to date by one stream. */
export type Live = {
  readonly tasks: Readable<Tasks>
  readonly connection: Readable<LiveState>
  readonly loading: Readable<Loading>
  /** Starts to listen, then loads the open tasks; `signal` ends it. */
  start: (signal: AbortSignal) => void
  /** Takes in tasks that a view has loaded. */
  learn: (tasks: readonly Task[]) => void
  /** Loads the open tasks again, after it failed. */
  reload: () => void
  /** Hears of every event once, in its order, a frame at a time. Answers how to stop. */
  onEvents: (listener: (events: readonly TaskEvent[]) => void) => () => void
  /** Hears what may be old, at most every two seconds. Answers how to stop. */
  onStale: (listener: (what: Stale) => void) => () => void
}

const staleEveryMs = 2_000
/** More tasks than these do not end between a list and the stream; after a long absence, lists tell of them. */
const mostUnseen = 50

/** Makes the page's live source; nothing is open before its start. */
export const createLive = (client: Client): Live => {
  const table = createTaskTable()
  const tasks = createStore(table.read())
  const connection = createStore<LiveState>({ state: "connecting" })
  const loading = createStore<Loading>({ state: "loading" })
  const eventListeners = createListeners<readonly TaskEvent[]>()
  const staleListeners = createListeners<Stale>()
  let life = new AbortController().signal

  const learn = (loaded: readonly Task[]): void => {
    table.learn(loaded)
    tasks.set(table.read())
  }
  const reload = throttle(() => {
    const signal = life
    loadOpenTasks(client, signal).then(
      loaded => {
        table.learn(loaded)
        for (const id of table.sweep().slice(0, mostUnseen))
          client.task(id, { signal }).then(
            task => learn([task]),
            () => undefined, // it is in the lists of what has ended
          )
        tasks.set(table.read())
        loading.set({ state: "ready" })
      },
      (error: unknown) => signal.aborted || loading.set({ state: "failed", error }),
    )
  }, staleEveryMs)
  const staleFigures = throttle(() => staleListeners.tell("queue"), staleEveryMs)
  // Places in the queue are no events: whoever waits has moved with the rest.
  const stalePlaces = throttle(() => {
    if (table.read().order.queued.length > 0) loadWaiting(client, life).then(learn, () => undefined)
  }, staleEveryMs)
  // Two, since each request costs its task some milliseconds.
  const staleQueue = (): void => {
    staleFigures()
    stalePlaces()
  }
  const mend = ({ unknown, broken }: Missing): void => {
    if (unknown.size > 0) reload()
    for (const id of broken)
      client.task(id, { signal: life }).then(
        task => learn([task]),
        () => reload(),
      )
  }
  const onEvents = (events: readonly TaskEvent[]): void => {
    mend(table.fold(events))
    tasks.set(table.read())
    if (events.some(event => movesQueue.has(event.type))) staleQueue()
    eventListeners.tell(events)
  }
  const onReset = (): void => {
    table.doubt("everything")
    reload()
    staleListeners.tell("everything")
  }
  const onConnection = ({ state }: Connection): void => {
    if (state === "open") connection.set({ state })
    else if (connection.get().state !== state) connection.set({ state, since: Date.now() })
  }
  const onEnd = (error: unknown): void =>
    connection.set(isSignedOut(error) ? { state: "signed-out" } : { state: "failed", error })
  return {
    tasks,
    connection,
    loading,
    start: signal => {
      life = signal
      startFeed(client, { onEvents, onQueue: staleQueue, onReset, onConnection, onEnd }, signal)
      // The stream was asked for first, so that nothing falls between it and the lists.
      table.doubt("open tasks")
      reload()
    },
    learn,
    reload,
    onEvents: eventListeners.add,
    onStale: staleListeners.add,
  }
}

const createListeners = <Message>() => {
  const all = new Set<(message: Message) => void>()
  return {
    add: (listener: (message: Message) => void) => {
      all.add(listener)
      return () => all.delete(listener)
    },
    tell: (message: Message): void => {
      for (const listener of all) listener(message)
    },
  }
}

/** Events after which the lanes' figures and the workers' turns are other ones. */
const movesQueue: ReadonlySet<TaskEvent["type"]> = new Set([
  "turn.queued",
  "turn.started",
  "turn.ended",
  "attempt.lost",
  "gate.opened",
  "gate.decided",
  "cancel.requested",
])
