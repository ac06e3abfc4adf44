/** Reads an event stream from its bytes: call it with each chunk; it calls back with each whole event's name and data. */
export const makeFrameReader = (
  onFrame: (event: string, data: string) => void,
): ((chunk: Uint8Array) => void) => {
  const decoder = new TextDecoder()
  let rest = ""
  let event = ""
  let data: string[] = []
  const line = (text: string) => {
    if (text === "") {
      if (data.length > 0) onFrame(event, data.join("\n"))
      event = ""
      data = []
    } else if (text.startsWith("data:")) data.push(fieldValue(text, 5))
    else if (text.startsWith("event:")) event = fieldValue(text, 6)
    // Ids, retry times and comments are of no use here.
  }
  return chunk => {
    rest += decoder.decode(chunk, { stream: true })
    let from = 0
    for (let end = lineEnd(rest, from); end !== -1; end = lineEnd(rest, from)) {
      line(rest.slice(from, end))
      from = rest[end] === "\r" && rest[end + 1] === "\n" ? end + 2 : end + 1
    }
    rest = rest.slice(from)
  }
}

/** Where the line that begins at `from` ends. A last `\r` may be half of a `\r\n`, so that more must come first. */
const lineEnd = (text: string, from: number): number => {
  const feed = text.indexOf("\n", from)
  const carriage = text.indexOf("\r", from)
  if (carriage !== -1 && (feed === -1 || carriage < feed)) return carriage === text.length - 1 ? -1 : carriage
  return feed
}

const fieldValue = (line: string, from: number): string => line.slice(line[from] === " " ? from + 1 : from)
