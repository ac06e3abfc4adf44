/** Messages between processes of ours: one JSON line each, over any stream that goes both ways. */
import type { Duplex } from "node:stream"
import { StringDecoder } from "node:string_decoder"

/** Calls `onMessage` with each line that comes. One that is no JSON ends the stream with an error. */
export const readMessages = <Message>(stream: Duplex, onMessage: (message: Message) => void): void => {
  let pieces: string[] = []
  // The stream may be a connection that an HTTP server gave away, which takes no encoding.
  const decoder = new StringDecoder("utf8")
  stream.on("data", (bytes: Buffer) => {
    const chunk = decoder.write(bytes)
    let start = 0
    for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", start)) {
      pieces.push(chunk.slice(start, end))
      start = end + 1
      const line = pieces.join("")
      pieces = []
      const message = parse(line)
      if (message === undefined) return void stream.destroy(new Error("a line that is no JSON came"))
      onMessage(message as Message)
    }
    if (start < chunk.length) pieces.push(chunk.slice(start))
  })
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // no JSON text means that
  }
}

/** Sends one JSON line. */
export const sendMessage = <Message>(stream: Duplex, message: Message): void => {
  if (stream.writable) stream.write(`${JSON.stringify(message)}\n`)
}
