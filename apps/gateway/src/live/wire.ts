import { type AbortReason, derive, maxBufferedBytes, sleep } from "@twolane/common"
import { liveCloseCodes } from "@twolane/protocol"
import type { WebSocket } from "ws"

/** What goes out over one live socket: never more waits than a slow reader may cost. */
export type Wire = {
  /**
   * Ends with the socket: `disconnect` when its peer left it, `deadline` when it did not read in time, `shutdown` when the gateway
   * stops.
   */
  readonly signal: AbortSignal
  /** Whether the reader is behind: what can be left out is. */
  readonly behind: () => boolean
  /** Sends; waits before while the reader is behind. */
  send(message: string | Buffer): Promise<void>
  close(code: number, words: string, reason: AbortReason): void
}

/**
 * Makes the way out. While the reader is behind nothing more is taken from it either, so that it can't make us keep answers. One that
 * does not catch up within `stallMs` is closed.
 */
export const openWire = (socket: WebSocket, stallMs: number, parent: AbortSignal): Wire & Disposable => {
  const life = derive(parent)
  let blocked: Promise<void> | null = null
  socket.once("close", () => life.abort({ by: "disconnect" }))

  const close: Wire["close"] = (code, words, reason) => {
    socket.close(code, words)
    life.abort(reason)
  }
  const untilFlushed = async (flushed: Promise<void>) => {
    socket.pause()
    using waiting = derive(life.signal)
    void flushed.then(() => waiting.abort({ by: "superseded" }))
    // It rejects when the reader caught up, or the socket ended.
    const stalled = await sleep(stallMs, waiting.signal).then(
      () => true,
      () => false,
    )
    blocked = null
    socket.resume()
    if (!stalled) return
    close(liveCloseCodes.tooSlow, "read faster, and resume", { by: "deadline" })
    // Its close frame would wait behind what it does not read.
    socket.terminate()
  }
  return {
    signal: life.signal,
    behind: () => blocked !== null,
    send: async message => {
      while (blocked !== null) await blocked
      if (life.signal.aborted) return
      const flushed = new Promise<void>(resolve => socket.send(message, { binary: false }, () => resolve()))
      if (socket.bufferedAmount > maxBufferedBytes) blocked = untilFlushed(flushed)
    },
    close,
    [Symbol.dispose]: () => life[Symbol.dispose](),
  }
}
