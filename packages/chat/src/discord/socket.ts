import { WebSocket } from "ws"
import { z } from "zod"

/** A session at Discord's gateway, which can be taken up where it was left: `seq` is the last event that is dealt with. */
export const DiscordSession = z.object({
  id: z.string().min(1),
  url: z.url(),
  seq: z.number().int(),
  /** The bot's own user id. */
  me: z.string().min(1),
})
export type DiscordSession = z.infer<typeof DiscordSession>

/** What a connection needs: `url` is the gateway's, for a session that is new. */
export type DiscordSocket = {
  url: string
  token: string
  intents: number
  session: DiscordSession | null
  /** Deals with an event, one after another; what it throws ends the connection, and the event comes again. */
  onEvent(type: string, data: unknown, session: DiscordSession): Promise<void>
  /** The session as far as it is dealt with, after each event. */
  onSession(session: DiscordSession): Promise<void>
}

/** How a connection ended: to be taken up again, as a new session, or never by itself (the close code says why). */
export type DiscordSocketEnd =
  | { next: "resume" | "identify"; ready: boolean; why: string }
  | { next: "never"; code: number; why: string }

/** A payload of the gateway's. */
const Payload = z.object({
  op: z.number(),
  d: z.unknown().optional(),
  s: z.number().nullish(),
  t: z.string().nullish(),
})
const Hello = z.object({ heartbeat_interval: z.number().min(100).max(600_000) })
const Ready = z.object({
  session_id: z.string(),
  resume_gateway_url: z.url(),
  user: z.object({ id: z.string() }),
})

const ops = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  resume: 6,
  reconnect: 7,
  invalid: 9,
  hello: 10,
  ack: 11,
}
/** Authentication failed, and what is wrong with shards, version or intents: the next try would end the same. */
const fatalCodes: ReadonlySet<number> = new Set([4004, 4010, 4011, 4012, 4013, 4014])
/** A session that is over: not authenticated, an invalid sequence, timed out. */
const overCodes: ReadonlySet<number> = new Set([4003, 4007, 4009])
/** Ours: Discord keeps the session for a while, so that it can be taken up. */
const resumable = 4900
const helloWithinMs = 20_000
const maxPayloadBytes = 16 * 1024 * 1024

/**
 * Holds one connection to Discord's gateway until it ends, or the signal does. Events are dealt with in their order, and the session is kept
 * as far as that came: whoever takes it up hears the rest.
 */
export const holdDiscordSocket = async (
  wanted: DiscordSocket,
  signal: AbortSignal,
): Promise<DiscordSocketEnd> => {
  const address = new URL(wanted.session?.url ?? wanted.url)
  address.search = "?v=10&encoding=json"
  const socket = new WebSocket(address, {
    handshakeTimeout: helloWithinMs,
    maxPayload: maxPayloadBytes,
    perMessageDeflate: false,
  })
  const line = openLine(socket, wanted)
  const onAbort = () => line.leave("stopped")
  signal.addEventListener("abort", onAbort, { once: true })
  if (signal.aborted) onAbort()
  socket.on("message", data => line.hear((data as Buffer).toString()))
  socket.on("error", error => line.leave(error.message))
  // Not by `events.once`, which an error would reject: what ends a connection is told by how it ended.
  const code = await new Promise<number>(resolve => socket.once("close", resolve))
  signal.removeEventListener("abort", onAbort)
  return await line.ended(code)
}

/** What one connection knows. */
type Line = {
  hear: (text: string) => void
  leave: (why: string, next?: "identify") => void
  ended: (code: number) => Promise<DiscordSocketEnd>
}

const openLine = (socket: WebSocket, wanted: DiscordSocket): Line => {
  let session = wanted.session
  let heardSeq = session?.seq ?? null
  let ready = false
  let why = ""
  let next: "resume" | "identify" = "resume"
  let working: Promise<void> = Promise.resolve()
  const send = (op: number, d: unknown) => socket.send(JSON.stringify({ op, d }), () => {})
  const leave = (reason: string, as?: "identify") => {
    why ||= reason
    next = as ?? next
    if (socket.readyState === WebSocket.OPEN) socket.close(resumable)
    // A peer that is gone answers no close.
    killing ??= setTimeout(() => socket.terminate(), 1_000)
  }
  let killing: NodeJS.Timeout | null = null
  const beat = startBeat(() => send(ops.heartbeat, heardSeq), leave)
  const dealWith = (type: string, data: unknown, seq: number) => {
    heardSeq = seq
    working = working.then(async () => {
      if (why !== "") return
      if (type === "READY") {
        const { session_id: id, resume_gateway_url: url, user } = Ready.parse(data)
        session = { id, url, seq, me: user.id }
      }
      if (type === "READY" || type === "RESUMED") ready = true
      if (session === null) return
      await wanted.onEvent(type, data, session)
      session = { ...session, seq }
      await wanted.onSession(session)
    })
    working = working.catch((error: unknown) => leave(error instanceof Error ? error.message : String(error)))
  }
  const hear = (text: string) => {
    const said = Payload.safeParse(jsonOf(text))
    if (!said.success) return leave("it said what is no payload")
    const { op, d, s, t } = said.data
    if (op === ops.dispatch && t != null && s != null) dealWith(t, d, s)
    else if (op === ops.heartbeat) beat.now()
    else if (op === ops.ack) beat.answered()
    else if (op === ops.reconnect) leave("Discord asked for a new connection")
    else if (op === ops.invalid) leave("Discord knows no such session", d === true ? undefined : "identify")
    else if (op === ops.hello) {
      const hello = Hello.safeParse(d)
      if (!hello.success) return leave("its hello has no interval")
      beat.every(hello.data.heartbeat_interval)
      greet(send, wanted)
    }
  }
  return {
    hear,
    leave,
    ended: async code => {
      if (killing !== null) clearTimeout(killing)
      beat.stop()
      await working
      if (fatalCodes.has(code)) return { next: "never", code, why: `Discord closed with ${code}` }
      if (overCodes.has(code)) next = "identify"
      return { next: session === null ? "identify" : next, ready, why: why || `it was closed with ${code}` }
    },
  }
}

const greet = (send: (op: number, d: unknown) => void, wanted: DiscordSocket): void => {
  const { session, token, intents } = wanted
  const properties = { os: process.platform, browser: "twolane", device: "twolane" }
  if (session === null) send(ops.identify, { token, intents, properties })
  else send(ops.resume, { token, session_id: session.id, seq: session.seq })
}

/** The heartbeat: a connection on which one is not answered before the next is dead. */
const startBeat = (send: () => void, leave: (why: string) => void) => {
  let timer: NodeJS.Timeout = setTimeout(() => leave("Discord said no hello"), helloWithinMs)
  let answered = true
  const now = () => {
    answered = false
    send()
  }
  const again = (intervalMs: number) => {
    if (!answered) return leave("a heartbeat was not answered")
    now()
    timer = setTimeout(again, intervalMs, intervalMs)
  }
  return {
    now,
    answered: () => {
      answered = true
    },
    every: (intervalMs: number) => {
      clearTimeout(timer)
      timer = setTimeout(again, intervalMs * Math.random(), intervalMs)
    },
    stop: () => clearTimeout(timer),
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // Refused by the schema.
    return undefined
  }
}
