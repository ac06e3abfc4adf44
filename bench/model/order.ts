/** What a prompt of the bench asks the simulated model for. It stands in the prompt, so that it passes whatever is between. */
export type Order = {
  /** Names it in what the model's process says. */
  id: string
  /** How many stamped tokens it says at the end. */
  tokens: number
  /** Tokens a second; as fast as they can be written without it. */
  rate?: number
  /** How long it thinks before it says anything. */
  delayMs?: number
  /** A patch that it writes first. `mark` is a text in it: when the last byte of that leaves is told. */
  patch?: { text: string; mark?: string }
  /** How many calls of a tool it makes first, one a step. */
  steps?: number
  /** Whether it tells how long the whole conversation is. */
  weigh?: true
}

/** What the model's process says while it works. Times are `preciseNow`. */
export type ModelSays =
  | { listens: string }
  /** A request has come, and how long its body is. */
  | { asked: string; at: number; bytes: number }
  /** How many bytes the whole conversation has. */
  | { weighed: string; bytes: number }
  /** The mark of a patch has left. */
  | { marked: string; at: number }
  | { ended: string; how: "answered" | "refused" | "cut"; at: number }

/** A prompt with an order. */
export const promptFor = (order: Order): string =>
  `Do bench:${Buffer.from(JSON.stringify(order)).toString("base64url")}:end`

/** The last order in a text, or null. */
export const orderIn = (text: string): Order | null => {
  const found = [...text.matchAll(/bench:([\w-]+):end/g)].at(-1)?.[1]
  return found === undefined ? null : (JSON.parse(Buffer.from(found, "base64url").toString("utf8")) as Order)
}

/** A token with the time at which it left, and its number. */
export const stampOf = (at: number, index: number): string => `@${at.toFixed(3)}#${index} `

const longestStamp = 32

/** Finds stamps in a text that comes in pieces, cut anywhere: tells each one's time and number. */
export const makeStampReader = (onStamp: (at: number, index: number) => void): ((text: string) => void) => {
  let rest = ""
  return text => {
    const all = rest + text
    let end = 0
    for (const found of all.matchAll(/@(\d+\.\d{3})#(\d+) /g)) {
      onStamp(Number(found[1]), Number(found[2]))
      end = found.index + found[0].length
    }
    rest = all.slice(Math.max(end, all.length - longestStamp))
  }
}
