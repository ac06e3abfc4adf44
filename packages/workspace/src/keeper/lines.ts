import type { Duplex } from "node:stream"

/** Calls `onMessage` with each JSON line that comes; an unreadable one is a bug of ours and throws. */
export const readMessages = <Message>(stream: Duplex, onMessage: (message: Message) => void): void => {
  let pieces: string[] = []
  stream.setEncoding("utf8")
  stream.on("data", (chunk: string) => {
    let start = 0
    for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", start)) {
      pieces.push(chunk.slice(start, end))
      start = end + 1
      const line = pieces.join("")
      pieces = []
      onMessage(JSON.parse(line) as Message)
    }
    if (start < chunk.length) pieces.push(chunk.slice(start))
  })
}

/** Sends one JSON line. */
export const sendMessage = <Message>(stream: Duplex, message: Message): void => {
  if (stream.writable) stream.write(`${JSON.stringify(message)}\n`)
}
