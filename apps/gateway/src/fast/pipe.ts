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
export const drainStream = async (
  stream: IncomingMessage,
  raw: ServerResponse,
  goOn: boolean,
): Promise<Problem | null> => {
  const cut = cutFrames()
  let problem: Problem | null = null
  raw.once("close", () => {
    if (!raw.writableFinished && !goOn) stream.destroy()
  })
  try {
    for await (const chunk of stream)
      for (const { event, data } of cut(chunk)) if (event === "problem") problem = JSON.parse(data.toString())
  } catch {
    // It broke off: the task says how far the turn came.
  }
  return problem
}
