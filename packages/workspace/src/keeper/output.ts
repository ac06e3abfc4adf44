/** The output of one command, kept within bounds: its start and its end, however much there is between. */
export type Output = {
  push(chunk: Buffer): void
  /** The text kept, bytes that are no UTF-8 replaced, and how many bytes there were in all. */
  finish(): { text: string; bytes: number; truncated: boolean }
}

/**
 * Keeps at most about `maxBytes`: the first half as it comes, of the rest the last half. `onText` hears the text live, never
 * half a character, until the whole budget was said once.
 */
export const createOutput = (maxBytes: number, onText: ((text: string) => void) | null): Output => {
  const half = Math.max(1, Math.floor(maxBytes / 2))
  const head: Buffer[] = []
  const tail: Buffer[] = []
  let headBytes = 0
  let tailBytes = 0
  let bytes = 0
  const live = new TextDecoder()
  const say = (chunk: Buffer): void => {
    if (onText === null || bytes >= maxBytes) return
    const text = live.decode(chunk.subarray(0, maxBytes - bytes), { stream: true })
    if (text !== "") onText(text)
  }
  return {
    push(chunk) {
      say(chunk)
      bytes += chunk.length
      const first = chunk.subarray(0, half - headBytes)
      if (first.length > 0) head.push(Buffer.from(first))
      headBytes += first.length
      const rest = chunk.subarray(first.length)
      if (rest.length === 0) return
      // A copy: a slice would keep the reader's whole buffer alive.
      tail.push(Buffer.from(rest.subarray(-half)))
      tailBytes += tail.at(-1)?.length ?? 0
      while (tail.length > 1 && tailBytes - (tail[0]?.length ?? 0) >= half)
        tailBytes -= tail.shift()?.length ?? 0
    },
    finish() {
      const last = Buffer.concat(tail).subarray(-half)
      const left = bytes - headBytes - last.length
      const start = Buffer.concat(head)
      if (left === 0) return { text: decode(Buffer.concat([start, last])), bytes, truncated: false }
      const text = `${decode(wholeEnd(start))}\n[… ${left} bytes left out …]\n${decode(wholeStart(last))}`
      return { text, bytes, truncated: true }
    },
  }
}

const decode = (buffer: Buffer): string => new TextDecoder().decode(buffer)

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** Without a character that was cut at the end. */
const wholeEnd = (buffer: Buffer): Buffer => {
  let start = buffer.length - 1
  while (start > buffer.length - 4 && isContinuation(buffer[start])) start -= 1
  const lead = buffer[start] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  return start + length > buffer.length ? buffer.subarray(0, start) : buffer
}

/** Without a character that was cut at the start. */
const wholeStart = (buffer: Buffer): Buffer => {
  let start = 0
  while (start < 3 && isContinuation(buffer[start])) start += 1
  return buffer.subarray(start)
}
