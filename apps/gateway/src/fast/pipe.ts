import type { IncomingMessage, ServerResponse } from "node:http"
import type { Problem } from "@twolane/protocol"
import { cutFrames } from "./frames.ts"

/** A worker's stream says something at least every 5 s; one that is quiet for so long has no worker any more. */
export const quietMs = 15_000

/** How a worker's stream ended: `whole`, or it broke off. */
export type PipeEnd = "whole" | "broken"

/**
 * Hands a worker's stream on, byte for byte, as fast as the caller reads. What was sent always ends with a whole frame, so that another
 * one may follow when the worker breaks off. A caller that leaves ends the worker's stream, unless `goOn`: then it runs to its end.
 */
export const pipeStream = (stream: IncomingMessage, raw: ServerResponse, goOn: boolean): Promise<PipeEnd> =>
  new Promise(resolve => {
    let left = false
    let held: Buffer = Buffer.alloc(0)
    stream.on("data", (chunk: Buffer) => {
      if (left) return
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      const whole = bytes.lastIndexOf("\n\n") + 2
      held = whole === bytes.length ? Buffer.alloc(0) : bytes.subarray(whole < 2 ? 0 : whole)
      if (whole < 2 || raw.write(bytes.subarray(0, whole))) return
      stream.pause().setTimeout(0)
      raw.once("drain", () => stream.resume().setTimeout(quietMs))
    })
    stream.once("end", () => resolve("whole"))
    stream.once("error", () => resolve("broken"))
    stream.once("close", () => resolve(stream.complete ? "whole" : "broken"))
    raw.once("close", () => {
      if (raw.writableFinished) return
      left = true
      if (goOn) stream.resume()
      else stream.destroy()
    })
  })

/** Reads a worker's stream to its end for a caller who wants none of it; answers the problem that it ended with. */
export const drainStream = (
  stream: IncomingMessage,
  raw: ServerResponse,
  goOn: boolean,
): Promise<Problem | null> => {
  raw.once("close", () => {
    if (!raw.writableFinished && !goOn) stream.destroy()
  })
  return readStream(stream, () => {})
}

/**
 * Reads a worker's stream to its end and answers the problem that it ended with; `onRecorded` hears of each event that is in the log, of
 * which the first says that the turn is there.
 */
export const readStream = async (
  stream: IncomingMessage,
  onRecorded: () => void,
): Promise<Problem | null> => {
  const cut = cutFrames()
  let problem: Problem | null = null
  try {
    for await (const chunk of stream)
      for (const { id, event, data } of cut(chunk)) {
        if (event === "problem") problem = JSON.parse(data.toString())
        else if (id !== null) onRecorded()
      }
  } catch {
    // It broke off: the task says how far the turn came.
  }
  return problem
}
