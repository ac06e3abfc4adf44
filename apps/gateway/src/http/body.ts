import { Fault } from "@twolane/protocol"
import type { FastifyInstance } from "fastify"

/** Bodies that carry no prompt stay small. */
export const smallBodyBytes = 64 * 1024
/** Bodies with a prompt. */
export const promptBodyBytes = 1024 * 1024
/** A task with its prompt, and the change that it begins with. */
export const taskBodyBytes = 4 * 1024 * 1024
/** A batch of 500. */
export const batchBodyBytes = 8 * 1024 * 1024

/**
 * Bodies are JSON in UTF-8 and nothing else: `text/plain` would let any web page send one without asking first. An empty body counts as
 * `{}`, so that calls whose fields are all optional need none.
 */
export const readJsonBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser("error", "error")
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, {})
    const text = textOf(body)
    if (text instanceof Fault) return done(text, undefined)
    // The parser answers through its callback alone; its type allows a promise, which it never gives.
    void parse(request, text, (error, value) =>
      error === null
        ? done(null, value)
        : done(new Fault("malformed-json", "The body cannot be parsed."), undefined),
    )
  })
  app.addHook("preValidation", (request, _reply, done) => {
    if (request.body === undefined && request.method === "POST") request.body = {}
    done()
  })
}

/**
 * Parses JSON that comes another way than as a body; what a body may not be, it may not be either.
 * @throws Fault malformed-json
 */
export const parseJson = (bytes: Buffer): unknown => {
  const text = textOf(bytes)
  if (text instanceof Fault) throw text
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault("malformed-json", "It cannot be parsed.", { cause })
  }
}

const textOf = (bytes: Buffer): string | Fault => {
  const text = decode(bytes)
  if (text === null) return new Fault("malformed-json", "It is not UTF-8.")
  return isTooDeep(text) ? new Fault("malformed-json", `It nests over ${maxDepth} deep.`) : text
}

/** No request of ours nests deeper; what does would overflow the stack of whatever walks it. */
const maxDepth = 32

const isTooDeep = (text: string): boolean => {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charCodeAt(at)
    if (quoted) {
      if (letter === backslash) at += 1
      else if (letter === quote) quoted = false
    } else if (letter === quote) quoted = true
    else if (letter === brace || letter === bracket) {
      depth += 1
      if (depth > maxDepth) return true
    } else if (letter === brace + 2 || letter === bracket + 2) depth -= 1
  }
  return false
}

const quote = 0x22
const backslash = 0x5c
/** `{` and `[`; each one's closing counterpart comes two later. */
const brace = 0x7b
const bracket = 0x5b

const utf8 = new TextDecoder("utf-8", { fatal: true })

/** Null for bytes that are not UTF-8. */
const decode = (body: Buffer): string | null => {
  try {
    return utf8.decode(body)
  } catch {
    // A TypeError is the decoder's only way to say so.
    return null
  }
}
