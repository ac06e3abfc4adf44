import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import type { Socket } from "node:net"
import { fileURLToPath } from "node:url"
import { bareEnv } from "../git/settings.ts"
import type { KeeperChild } from "../keeper/child.ts"
import type { FromHand, OrderName, Orders, ToHand } from "./protocol.ts"

/** The hand has ended; the next order starts another one. */
export class HandLost extends Error {
  constructor() {
    super("The process that starts programs for this one has ended")
    this.name = "HandLost"
  }
}

/**
 * A small resident process that starts programs for this one. To start a program a process is copied, which takes 3 ms for one of 190 MB
 * and 70 for one of 1.2 GB, and nothing else is done meanwhile: no token passed on, nobody interrupted.
 */
export type Hand = {
  /** An abort ends what was started, and throws the signal's reason once it has. */
  ask<Name extends Exclude<OrderName, "keeper">>(
    name: Name,
    input: Orders[Name]["input"],
    signal: AbortSignal,
  ): Promise<Orders[Name]["output"]>
  startKeeper(codeCache: string): Promise<KeeperChild>
}

let current: Hand | null = null

/** The hand of this process; null: it starts programs itself. */
export const handOfProcess = (): Hand | null => current

/** Has all programs of this process started by a hand, until it is disposed. */
export const startHand = (): AsyncDisposable => {
  let kept: { link: Link; child: ChildProcess } | null = null
  const link = (): Link => {
    if (kept?.link.lost() === false) return kept.link
    const child = startProcess()
    kept = { child, link: linkTo(child) }
    return kept.link
  }
  link()
  current = {
    ask: (name, input, signal) => link().ask(name, input, signal),
    startKeeper: codeCache => link().startKeeper(codeCache),
  }
  return {
    [Symbol.asyncDispose]: async () => {
      current = null
      if (kept === null || kept.link.lost()) return
      if (kept.child.connected) kept.child.disconnect()
      await once(kept.child, "exit")
    },
  }
}

/**
 * In a session of its own, so that Ctrl-C reaches only this process, which may still want to save what is there. Its standard input says
 * by its end that this process is no more.
 */
const startProcess = (): ChildProcess =>
  fork(fileURLToPath(new URL("main.ts", import.meta.url)), {
    env: bareEnv(),
    execArgv: [],
    detached: true,
    serialization: "advanced",
    stdio: ["pipe", "ignore", "inherit", "ipc"],
  })

type Link = Hand & { lost(): boolean }
type Open = { resolve: (value: unknown, handle: unknown) => void; reject: (error: Error) => void }

const linkTo = (child: ChildProcess): Link => {
  const open = new Map<number, Open>()
  /** Those whose end was not told yet. */
  const keepers = new Map<number, { end: (words: string) => void; orphan: () => void }>()
  let count = 0
  let lost = false
  const end = () => {
    lost = true
    for (const { orphan } of keepers.values()) orphan()
    keepers.clear()
    for (const { reject } of open.values()) reject(new HandLost())
    open.clear()
  }
  child.once("error", end).once("exit", end)
  child.on("message", (message: FromHand, handle) => {
    if (message.type === "gone") {
      keepers.get(message.id)?.end(message.words)
      keepers.delete(message.id)
      return
    }
    const waiting = open.get(message.id)
    open.delete(message.id)
    if (message.type === "done") return waiting?.resolve(message.value, handle)
    keepers.delete(message.id)
    const { message: words, ...more } = message.failure
    waiting?.reject(Object.assign(new Error(words), more))
  })
  const send = (message: ToHand) => void child.send(message, error => error !== null && end())
  const order = (name: OrderName, input: unknown, settle: Open): number => {
    count += 1
    if (lost) settle.reject(new HandLost())
    else {
      open.set(count, settle)
      send({ type: "order", id: count, name, input })
    }
    return count
  }
  return {
    lost: () => lost,
    ask: async (name, input, signal) => {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      const id = order(name, input, { resolve, reject })
      const onAbort = () => open.has(id) && send({ type: "abort", id })
      signal.addEventListener("abort", onAbort, { once: true })
      try {
        return (await promise) as Orders[typeof name]["output"]
      } finally {
        signal.removeEventListener("abort", onAbort)
        signal.throwIfAborted()
      }
    },
    startKeeper: codeCache =>
      new Promise((resolve, reject) => {
        const told = Promise.withResolvers<string>()
        const orphaned = Promise.withResolvers<void>()
        const take = (pid: unknown, channel: unknown) =>
          resolve(keeperOf(Number(pid), channel as Socket, told.promise, orphaned.promise))
        const id = order("keeper", codeCache, { resolve: take, reject })
        if (!lost) keepers.set(id, { end: told.resolve, orphan: orphaned.resolve })
      }),
  }
}

/** Once its channel is closed it has ended, and its hand tells how; one that is gone tells nothing. */
const keeperOf = (
  pid: number,
  channel: Socket,
  told: Promise<string>,
  orphaned: Promise<void>,
): KeeperChild => {
  let over = false
  const closing = new Promise<void>(resolve => channel.once("close", () => resolve()))
  const closed = Promise.all([closing, orphaned]).then(() => "its channel was closed")
  const ended = Promise.race([told, closed])
  void ended.then(() => {
    over = true
  })
  return {
    pid,
    channel,
    ended,
    kill: () => {
      if (over) return
      try {
        process.kill(pid, "SIGKILL")
      } catch {
        // ESRCH: it ended by itself in this moment.
      }
    },
  }
}
