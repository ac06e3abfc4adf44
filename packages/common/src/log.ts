import { type DestinationStream, type Logger, pino } from "pino"

export type { Logger } from "pino"

/** How a process logs: `part` is its name (`gateway`), `secrets` are values that no line may hold. */
export type LogOptions = {
  part: string
  level: string
  secrets?: readonly string[]
  /** Where lines go; standard output by default. */
  destination?: DestinationStream
}

const secretNames = [
  "apiKey",
  "secretKey",
  "privateKey",
  "token",
  "password",
  "secret",
  "credential",
  "authorization",
  "cookie",
  "set-cookie",
]
const quoted = (name: string): string => (/^\w+$/.test(name) ? name : `["${name}"]`)
const redactedPaths = secretNames.flatMap(name =>
  name.includes("-")
    ? [quoted(name), `*${quoted(name)}`, `*.*${quoted(name)}`]
    : [name, `*.${name}`, `*.*.${name}`],
)

/**
 * The process's logger: one JSON line a fact, the message a constant sentence, data in fields. Fields with a secret's name, the known
 * secret values wherever they stand, and passwords in URLs are struck out.
 */
export const createLogger = ({ part, level, secrets = [], destination }: LogOptions): Logger => {
  // Shorter values would strike out ordinary words.
  const values = secrets.filter(secret => secret.length >= 6)
  const options = {
    level,
    base: { part },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: redactedPaths, censor: struckOut },
    hooks: { streamWrite: (line: string) => strikeOut(line, values) },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

const struckOut = "[secret]"

/** A password within a URL. It begins only where a word does: at every letter of a long word it would cost the square of its length. */
export const urlPasswords = /(?<!\w)(\w+:\/\/[^\s:/@"]*:)[^\s@/"]+@/g

/** Strikes known secret values, and passwords inside URLs, out of a text. */
export const strikeOut = (text: string, secrets: readonly string[]): string => {
  let clean = text.replace(urlPasswords, `$1${struckOut}@`)
  for (const secret of secrets) clean = clean.replaceAll(secret, struckOut)
  return clean
}
