import { broken, type CallResult } from "./failure.ts"

/** What a transport tells about the answer it waits for. */
export type Hands = {
  /** Ends the wait with a result; later ones change nothing. */
  settle(result: CallResult): void
  /** Something came: the clock starts again. */
  heard(): void
  /** From now on silence is borne this long. */
  bear(silenceMs: number): void
}

/**
 * Waits for one answer. It is ended by its result, by silence, or by the signal (whose reason it rejects with); in the last two
 * cases the transport is closed at once, so that nothing of it can still arrive. `begin` starts it and answers how to close it.
 */
export const oneAnswer = (
  silenceMs: number,
  begin: (hands: Hands) => () => void,
  signal: AbortSignal,
): Promise<CallResult> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let close = () => {}
    let open = true
    const finish = (): boolean => {
      const first = open
      open = false
      clearTimeout(timer)
      signal.removeEventListener("abort", onAbort)
      return first
    }
    const onAbort = () => {
      if (!finish()) return
      close()
      reject(signal.reason)
    }
    const onSilence = () => {
      if (!finish()) return
      close()
      resolve(broken("the model said nothing for too long"))
    }
    let timer = setTimeout(onSilence, silenceMs)
    signal.addEventListener("abort", onAbort, { once: true })
    close = begin({
      settle: result => {
        if (finish()) resolve(result)
      },
      heard: () => {
        if (open) timer.refresh()
      },
      bear: nextMs => {
        if (!open) return
        clearTimeout(timer)
        timer = setTimeout(onSilence, nextMs)
      },
    })
  })
