import { Socket } from "node:net"
import { readMessages, sendMessage } from "@twolane/common/json-lines"
import type { FromKeeper, KeeperPlace, KeeperSetup, SystemWords, ToKeeper } from "./protocol.ts"
import { type Begun, beginSession, openSession, type Session } from "./session.ts"

/** Live output that the worker has not taken; more is left out, for a command must not wait for a slow worker. */
const maxUnsentBytes = 4 * 1024 ** 2

/**
 * Serves one workspace over descriptor 3, and ends the process, with everything that it started, when the worker goes away
 * or its beat stops.
 */
export const keepRoom = (): void => {
  const channel = new Socket({ fd: 3, readable: true, writable: true })
  const calls = new Map<number, AbortController>()
  let begun: Begun | null = null
  let session: Session | null = null
  let beat: { timeoutMs: number; at: number } | null = null
  let leaving = false

  const leave = async (reason: string): Promise<void> => {
    if (leaving) return
    leaving = true
    await session?.end(reason)
    process.exit(0)
  }
  const begin = async (place: KeeperPlace): Promise<null> => {
    begun = await beginSession(place)
    return null
  }
  const open = (setup: KeeperSetup): null => {
    if (begun === null) throw new Error("the keeper has not begun")
    session = openSession(begun, setup)
    beat = { timeoutMs: setup.beatTimeoutMs, at: performance.now() }
    return null
  }
  const answer = async (message: ToKeeper & { type: "call" }): Promise<void> => {
    const { id } = message
    const controller = new AbortController()
    calls.set(id, controller)
    const say = (text: string): void => {
      if (channel.writableLength < maxUnsentBytes)
        sendMessage<FromKeeper>(channel, { type: "text", id, text })
    }
    try {
      const value =
        message.name === "begin"
          ? await begin(message.input)
          : message.name === "open"
            ? open(message.input)
            : await callSession(session, message, controller.signal, say)
      sendMessage<FromKeeper>(channel, { type: "done", id, value })
    } catch (error) {
      sendMessage<FromKeeper>(channel, { type: "failed", id, ...failureOf(error) })
    } finally {
      calls.delete(id)
    }
  }

  readMessages<ToKeeper>(channel, message => {
    if (message.type === "call") void answer(message)
    else if (message.type === "beat") beat = beat && { ...beat, at: performance.now() - message.agoMs }
    else calls.get(message.id)?.abort(new Error("the call was canceled"))
  })
  setInterval(() => {
    if (beat !== null && performance.now() - beat.at > beat.timeoutMs) void leave("the worker's beat stopped")
  }, 200)
  // The worker has gone, in whatever way.
  for (const event of ["end", "close", "error"]) channel.once(event, () => void leave("the worker has gone"))
}

const failureOf = (error: unknown): { error: string; system?: SystemWords } => {
  if (!(error instanceof Error)) return { error: String(error) }
  const { code, syscall, message, stack } = error as NodeJS.ErrnoException
  // A full disk is nothing to look for in our code: its words alone are of use.
  if (code !== undefined && syscall !== undefined) return { error: message, system: { code, syscall } }
  return { error: stack ?? message }
}

const callSession = (
  session: Session | null,
  message: Exclude<ToKeeper & { type: "call" }, { name: "begin" | "open" }>,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<unknown> => {
  if (session === null) throw new Error("the keeper is not open")
  switch (message.name) {
    case "run":
      return session.run(message.input, signal, say)
    case "read":
      return session.read(message.input, signal, say)
    case "list":
      return session.list(message.input, signal, say)
    case "search":
      return session.search(message.input, signal, say)
    case "patch":
      return session.patch(message.input, signal, say)
    case "changes":
      return session.changes(message.input, signal, say)
    case "stage":
      return session.stage(message.input, signal, say)
    case "kill":
      return session.kill(message.input, signal, say)
    case "usage":
      return session.usage(message.input, signal, say)
    default:
      return message satisfies never
  }
}
