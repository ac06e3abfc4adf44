/** What both processes of the interruptible floor are started with; `worker` is the socket between them. */
export type StopInput = {
  redis: string
  model: string
  worker: string
  /** Whether a stop is in Redis' log before it is said, so that one that was answered survives the worker: what the product promises. */
  keeps: boolean
}

/** Where the order to stop is published, where its end is, and the stream that keeps it. */
export const stopNames = { order: "bench:stop", gone: "bench:stopped", log: "bench:stops" } as const
