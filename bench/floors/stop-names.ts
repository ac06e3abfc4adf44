/** What both processes of the interruptible floor are started with; `worker` is the socket between them. */
export type StopInput = { redis: string; model: string; worker: string }

/** Where the order to stop is published, and where its end is. */
export const stopNames = { order: "bench:stop", gone: "bench:stopped" } as const
