import { type GitCall, type GitChild, GitFailure, killGroup, startGit } from "./git.ts"

/** What a parser says to the bytes so far: a reply and how many bytes it took, or how many it needs at least. */
export type Parsed<Reply> = { reply: Reply; used: number } | { need: number }

type Waiting = {
  parse: (bytes: Buffer) => Parsed<unknown>
  resolve: (reply: unknown) => void
  reject: (error: unknown) => void
}

/**
 * A git process that stays and answers one request after the other (0.2 ms instead of 3 ms for a process of its own).
 * It starts at the first request, and again after it died.
 */
export type Resident = AsyncDisposable & {
  ask<Reply>(
    request: string | Uint8Array,
    parse: (bytes: Buffer) => Parsed<Reply>,
    signal: AbortSignal,
  ): Promise<Reply>
}

/** The resident died before it answered: git could not do its work, and its last words say why. */
class ResidentEnded extends GitFailure {}

/**
 * Makes a resident for a git call that reads requests from its standard input. With `repeat`, what was asked of a dying
 * one is asked once more: right for questions, and for writes that give the same object twice.
 */
export const openResident = (call: GitCall, options: { repeat: boolean }): Resident => {
  let running: Promise<Process> | null = null
  let closed = false
  const start = (): Promise<Process> => {
    const forget = () => {
      if (running === started) running = null
    }
    const started: Promise<Process> = startGit(call).then(child => attend(child, call, forget))
    started.catch(forget)
    return started
  }
  return {
    async ask(request, parse, signal) {
      signal.throwIfAborted()
      if (closed) throw new Error(`git ${call.command} was closed`)
      const once = async () => {
        running ??= start()
        return await (await running).ask(request, parse, signal)
      }
      try {
        return await once()
      } catch (error) {
        if (!options.repeat || closed || !(error instanceof ResidentEnded)) throw error
        signal.throwIfAborted()
        return await once()
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true
      await (await running?.catch(() => null))?.end()
    },
  }
}

type Process = Pick<Resident, "ask"> & { end: () => Promise<void> }

const attend = (child: GitChild, call: GitCall, onEnd: () => void): Process => {
  const waiting: Waiting[] = []
  let chunks: Buffer[] = []
  let length = 0
  let need = 1
  let dead = false
  let stderr = ""
  const serve = () => {
    while (waiting.length > 0 && length >= need) {
      const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
      const parsed = waiting[0]?.parse(bytes)
      if (parsed === undefined) return
      if ("need" in parsed) {
        chunks = [bytes]
        need = Math.max(parsed.need, length + 1)
        return
      }
      chunks = parsed.used < bytes.length ? [bytes.subarray(parsed.used)] : []
      length -= parsed.used
      need = 1
      waiting.shift()?.resolve(parsed.reply)
    }
  }
  child.stdout.on("data", (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    serve()
  })
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-4_000)
  })
  const ended = new Promise<void>(resolve => {
    const over = () => {
      dead = true
      onEnd()
      for (const each of waiting.splice(0)) each.reject(new ResidentEnded(call.command, null, stderr))
      resolve()
    }
    child.once("error", over)
    child.once("close", over)
  })
  return {
    ask: <Reply>(
      request: string | Uint8Array,
      parse: (bytes: Buffer) => Parsed<Reply>,
      signal: AbortSignal,
    ) =>
      new Promise<Reply>((resolve, reject) => {
        if (dead) return reject(new ResidentEnded(call.command, null, stderr))
        // An aborted asker leaves; its answer is still read, so that the next one's is not mistaken.
        const onAbort = () => reject(signal.reason as Error)
        signal.addEventListener("abort", onAbort, { once: true })
        const settled = () => signal.removeEventListener("abort", onAbort)
        waiting.push({
          parse,
          resolve: reply => {
            settled()
            resolve(reply as Reply)
          },
          reject: error => {
            settled()
            reject(error as Error)
          },
        })
        child.stdin.write(request)
      }),
    end: async () => {
      child.stdin.end()
      const timer = setTimeout(() => killGroup(child), 2_000)
      await ended
      clearTimeout(timer)
    },
  }
}

/** A parser for one line; its reply leaves the line feed off. */
export const oneLine = (bytes: Buffer): Parsed<string> => {
  const end = bytes.indexOf(10)
  return end < 0 ? { need: 0 } : { reply: bytes.toString("utf8", 0, end), used: end + 1 }
}
