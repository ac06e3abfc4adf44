import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Worker } from "node:worker_threads"
import { deadline, type Logger } from "@twolane/common"
import type { FirstLook } from "@twolane/protocol"

/** What the thread is started with: the module of the page that draws. */
export type DrawWith = { module: string }
/** What it is asked; `id` comes back with the answer. */
export type DrawAsked = { id: number; look: FirstLook; narrow: boolean }
/** What it says. */
export type DrawSays = { ready: true } | { id: number; html: string } | { id: number; failed: string }

/** The built page's own drawing of what is seen first. */
export type Drawing = AsyncDisposable & {
  /** Has the page of a build ready to draw, if it can. */
  prepare(build: string): void
  /** The queue as HTML; null when it can't be had soon: then the page's script is the first to show it. */
  draw(look: FirstLook, narrow: boolean): Promise<string | null>
}

/** A drawing takes some milliseconds; a reader does not wait for a machine that is busier than that. */
const patienceMs = 250

type Answer = (html: string | null) => void
type Thread = { worker: Worker; isReady: boolean; asked: Map<number, Answer> }

/** Draws with the page that is built into a folder, in a thread that starts with the first visit, and anew after a build. */
export const openDrawing = (folder: string, log: Logger, ending: AbortSignal): Drawing => {
  let thread: Thread | null = null
  /** Of this build a thread was started; one that ended is not started again. */
  let started: string | null = null
  let lastId = 0
  const drop = async (gone: Thread): Promise<void> => {
    if (thread === gone) thread = null
    for (const answer of gone.asked.values()) answer(null)
    gone.asked.clear()
    await gone.worker.terminate()
  }
  const start = (): Thread => {
    const worker = startWorker(folder)
    const begun: Thread = { worker, isReady: false, asked: new Map() }
    worker.on("message", (said: DrawSays) => {
      if ("ready" in said) {
        begun.isReady = true
        return
      }
      if ("failed" in said) log.warn({ error: said.failed }, "the queue could not be drawn")
      begun.asked.get(said.id)?.("html" in said ? said.html : null)
      begun.asked.delete(said.id)
    })
    worker.on("error", error => {
      log.warn({ error }, "the thread that draws the queue ended: the page shows it a little later")
      void drop(begun)
    })
    return begun
  }
  return {
    prepare: build => {
      if (build === started) return
      started = build
      if (thread !== null) void drop(thread)
      thread = start()
    },
    draw: async (look, narrow) => {
      if (thread?.isReady !== true) return null
      const { worker, asked } = thread
      lastId += 1
      const id = lastId
      using patience = deadline(patienceMs, ending)
      return await new Promise<string | null>(answer => {
        asked.set(id, answer)
        patience.signal.addEventListener("abort", () => asked.delete(id) && answer(null), { once: true })
        worker.postMessage({ id, look, narrow } satisfies DrawAsked)
      })
    },
    [Symbol.asyncDispose]: async () => {
      if (thread !== null) await drop(thread)
    },
  }
}

const startWorker = (folder: string): Worker => {
  const module = pathToFileURL(join(folder, ".draw/draw.js")).href
  const worker = new Worker(new URL("./draw-worker.ts", import.meta.url), {
    workerData: { module } satisfies DrawWith,
    // Nothing of the gateway's settings is the page's.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  })
  worker.unref()
  return worker
}
