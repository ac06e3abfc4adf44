import type { ModelTransportName } from "./script.ts"

/** One request that the model server received, kept for tests. */
export type RecordedRequest = {
  transport: ModelTransportName
  /** The body as it was sent, parsed. */
  body: Record<string, unknown>
  /** The socket's number, from 1; 0 for plain requests. */
  connection: number
  receivedAt: number
  /** How it went: answered to its end, refused, or cut off because one side went away. */
  ended: Promise<"answered" | "refused" | "cut">
}

/** Keeps the newest requests, and marks each one's end. */
export type Recorder = {
  readonly requests: RecordedRequest[]
  record(
    request: Omit<RecordedRequest, "ended" | "receivedAt">,
  ): (how: Awaited<RecordedRequest["ended"]>) => void
  /** The next request that comes in. */
  next: () => Promise<RecordedRequest>
}

/** A recorder that keeps at most `most` requests, and tells of each. */
export const makeRecorder = (most: number, onRequest?: (request: RecordedRequest) => void): Recorder => {
  const requests: RecordedRequest[] = []
  let waiting: ((request: RecordedRequest) => void)[] = []
  return {
    requests,
    record: request => {
      const { promise, resolve } = Promise.withResolvers<"answered" | "refused" | "cut">()
      const recorded = { ...request, receivedAt: Date.now(), ended: promise }
      requests.push(recorded)
      if (requests.length > most) requests.shift()
      const told = waiting
      waiting = []
      for (const tell of told) tell(recorded)
      onRequest?.(recorded)
      return resolve
    },
    next: () => new Promise(resolve => waiting.push(resolve)),
  }
}
