import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { type WebSocket, WebSocketServer } from "ws"

/** What somebody writes on a server. */
export type DiscordWords = { user: string; channel: string; text: string; id?: string; bot?: boolean }

/** Discord's gateway on the loopback address: it knows one session at a time, and gives again what one that is taken up did not hear. */
export type DiscordGatewayDouble = AsyncDisposable & {
  url: string
  /** How sessions were begun and taken up. */
  greetings: { op: "identify" | "resume"; intents?: number; seq?: number }[]
  /** How many are connected and greeted just now. */
  connected: () => number
  /** How many heartbeats it answered, or heard in silence. */
  beats: () => number
  /** Says to whoever is connected what somebody wrote; keeps it for whoever takes the session up. Answers the message's id. */
  write: (words: DiscordWords) => string
  /** Ends all connections: with a close code, or without a word. */
  drop: (code?: number) => void
  /** Answers no heartbeat of those who are connected by now, as a connection that has silently died. */
  mute: () => void
  /** Asks for a new connection, as Discord does each some hours. */
  askToReconnect: () => void
  /** Forgets the session, so that it cannot be taken up. */
  forget: () => void
  /** Closes with 4014 whoever names an intent that is not in these. */
  allow: (intents: number) => void
}

/** The bot's user there. */
export const discordBot = "700000000000000001"
const guild = "400000000000000001"
const reading = 1 << 15
const heartbeatMs = 4_000

/** Starts one. */
export const startDiscordGateway = async (token: string): Promise<DiscordGatewayDouble> => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 })
  await once(server, "listening")
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const greeted = new Set<WebSocket>()
  const muted = new WeakSet<WebSocket>()
  const greetings: DiscordGatewayDouble["greetings"] = []
  let session = { id: "", events: [] as string[], intents: 0 }
  let allowed = ~0
  let sessions = 0
  let written = 0
  let beats = 0
  const dispatch = (t: string, d: object): void => {
    const event = JSON.stringify({ op: 0, t, s: session.events.length + 1, d })
    session.events.push(event)
    for (const socket of greeted) socket.send(event)
  }
  const identify = (socket: WebSocket, { intents }: { intents: number }): void => {
    greetings.push({ op: "identify", intents })
    if ((intents & ~allowed) !== 0) {
      socket.close(4014, "Disallowed intent(s).")
      return
    }
    sessions += 1
    session = { id: `session-${sessions}`, events: [], intents }
    greeted.clear()
    greeted.add(socket)
    dispatch("READY", { v: 10, user: { id: discordBot }, session_id: session.id, resume_gateway_url: url })
  }
  const resume = (socket: WebSocket, { session_id, seq }: { session_id: string; seq: number }): void => {
    greetings.push({ op: "resume", seq })
    if (session_id !== session.id) {
      socket.send(JSON.stringify({ op: 9, d: false }))
      return
    }
    // Whoever had it before hears nothing more of it.
    for (const other of greeted) other.close(4000)
    greeted.clear()
    for (const event of session.events.slice(seq)) socket.send(event)
    greeted.add(socket)
    dispatch("RESUMED", {})
  }
  server.on("connection", socket => {
    socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: heartbeatMs } }))
    socket.on("close", () => greeted.delete(socket))
    socket.on("message", text => {
      const { op, d } = JSON.parse((text as Buffer).toString()) as { op: number; d: never }
      if (op === 1) beats += 1
      if (op === 1) return muted.has(socket) ? undefined : socket.send(JSON.stringify({ op: 11 }))
      if ((d as { token: string }).token !== token) return socket.close(4004, "Authentication failed.")
      return op === 2 ? identify(socket, d) : resume(socket, d)
    })
  })
  return {
    url,
    greetings,
    connected: () => greeted.size,
    beats: () => beats,
    write: ({ user, channel, text, bot, id = `80000000000000${String(++written).padStart(4, "0")}` }) => {
      const seen = (session.intents & reading) !== 0 || text.includes(`<@${discordBot}>`)
      const author = { id: user, username: "somebody", ...(bot === true ? { bot } : {}) }
      const d = { id, type: 0, channel_id: channel, guild_id: guild, content: seen ? text : "", author }
      dispatch("MESSAGE_CREATE", d)
      return id
    },
    drop: code => {
      for (const socket of greeted) {
        if (code === undefined) socket.terminate()
        else socket.close(code)
      }
      greeted.clear()
    },
    mute: () => {
      for (const socket of greeted) muted.add(socket)
    },
    askToReconnect: () => {
      for (const socket of greeted) socket.send(JSON.stringify({ op: 7, d: null }))
    },
    forget: () => {
      session = { id: "", events: [], intents: 0 }
    },
    allow: intents => {
      allowed = intents
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, "close")
    },
  }
}
