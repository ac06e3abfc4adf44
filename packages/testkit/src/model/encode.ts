import type { Item } from "./script.ts"

/** The fields that deltas have. */
type Delta = {
  type: string
  item_id: string
  output_index: number
  content_index?: number
  summary_index?: number
  delta: string
  sequence_number: number
  stream_id?: string
  logprobs?: []
}

/** An event as JSON. Deltas, of which a fast model sends hundreds of thousands a second, are written field by field. */
export const encodeEvent = (event: Item): string => {
  if (typeof event.delta !== "string") return JSON.stringify(event)
  const made = event as Delta
  let text = `{"type":"${made.type}","item_id":"${made.item_id}","output_index":${made.output_index},`
  if (made.content_index !== undefined) text += `"content_index":${made.content_index},`
  if (made.summary_index !== undefined) text += `"summary_index":${made.summary_index},`
  if (made.stream_id !== undefined) text += `"stream_id":${JSON.stringify(made.stream_id)},`
  if (made.logprobs !== undefined) text += `"logprobs":[],`
  return `${text}"delta":${JSON.stringify(made.delta)},"sequence_number":${made.sequence_number}}`
}

const shortest = 126
const middle = 65_536

/** Text frames of a WebSocket's server (RFC 6455, 5.2), one for each text, ready to be written at once. */
export const encodeFrames = (texts: readonly string[]): Buffer => {
  const lengths = texts.map(text => Buffer.byteLength(text))
  const frames = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headOf(length) + length, 0))
  let at = 0
  for (const [index, text] of texts.entries()) {
    const length = lengths[index] ?? 0
    at = writeHead(frames, at, length)
    at += frames.write(text, at)
  }
  return frames
}

const headOf = (length: number): number => (length < shortest ? 2 : length < middle ? 4 : 10)

const writeHead = (frames: Buffer, at: number, length: number): number => {
  frames[at] = 0x81
  if (length < shortest) return frames.writeUInt8(length, at + 1)
  if (length < middle) {
    frames[at + 1] = 126
    return frames.writeUInt16BE(length, at + 2)
  }
  frames[at + 1] = 127
  return frames.writeBigUInt64BE(BigInt(length), at + 2)
}
