import type { EventId } from "@twolane/protocol"

/** One message of a worker's stream. Its `data` is JSON, and was not looked at. */
export type Frame = { id: EventId | null; event: string | null; data: Buffer }

/** Cuts a worker's stream, as `encodeFrame` writes it, into its messages; comments are left out. A part of one waits for the rest. */
export const cutFrames = (): ((chunk: Buffer) => Frame[]) => {
  let held: Buffer = Buffer.alloc(0)
  return chunk => {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const frames: Frame[] = []
    let start = 0
    for (let end = bytes.indexOf(frameEnd); end >= 0; end = bytes.indexOf(frameEnd, start)) {
      const frame = readFrame(bytes.subarray(start, end))
      if (frame !== null) frames.push(frame)
      start = end + frameEnd.length
    }
    held = bytes.subarray(start)
    return frames
  }
}

const frameEnd = "\n\n"

const readFrame = (bytes: Buffer): Frame | null => {
  const frame: Frame = { id: null, event: null, data: noData }
  for (let rest = bytes; rest.length > 0; ) {
    const lineEnd = rest.indexOf("\n")
    const line = lineEnd < 0 ? rest : rest.subarray(0, lineEnd)
    const colon = line.indexOf(": ")
    const value = line.subarray(colon + 2)
    const name = colon < 0 ? "" : line.toString("latin1", 0, colon)
    if (name === "id") frame.id = value.toString("latin1")
    else if (name === "event") frame.event = value.toString("latin1")
    else if (name === "data") frame.data = value
    rest = lineEnd < 0 ? noData : rest.subarray(lineEnd + 1)
  }
  return frame.data === noData ? null : frame
}

const noData = Buffer.alloc(0)
