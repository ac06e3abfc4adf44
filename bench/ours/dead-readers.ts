import { readFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import type { House } from "@twolane/testkit"
import { Redis } from "ioredis"

/** Readers of one task, and how much is said to them: more than the kernel takes for one that does not read. */
const readers = 100
const pieces = 120
const pieceBytes = 64 * 1024
const betweenMs = 10
/** What is dropped is dropped within 5 s. */
const settleMs = 7_000

/** Resident memory of a process, MB. */
export const memoryOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) / 1_000

/** What readers that read, and as many that never do, cost the gateway at most while 8 MB of live text come: KiB each. */
export const costOfReaders = async (
  house: House,
  task: string,
  signal: AbortSignal,
): Promise<{ reading: number; dead: number }> => {
  // Once in vain: what the process keeps for such a flood is not any reader's.
  await flood(house, task, true, signal)
  const reading = await flood(house, task, true, signal)
  return { reading, dead: await flood(house, task, false, signal) }
}

const flood = async (house: House, task: string, reads: boolean, signal: AbortSignal): Promise<number> => {
  const sockets = Array.from({ length: readers }, () => openReader(house, task, reads))
  const redis = new Redis(house.redis.url)
  try {
    await sleep(1_000, undefined, { signal })
    const before = memoryOf(house.gateway.pid)
    let most = before
    for (let piece = 0; piece < pieces; piece += 1) {
      await redis.publish(`tl:{default/${task}}:text`, pieceOf(piece))
      await sleep(betweenMs, undefined, { signal })
      most = Math.max(most, memoryOf(house.gateway.pid))
    }
    return ((most - before) * 1_000 * 1_000) / 1_024 / readers
  } finally {
    redis.disconnect()
    for (const socket of sockets) socket.destroy()
    await sleep(settleMs, undefined, { signal })
  }
}

const openReader = ({ url, apiKey }: House, task: string, reads: boolean): Socket => {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on("error", () => undefined) // it is dropped: that is the point
  const path = `/v1/tasks/${task}/events?follow=always`
  socket.write(
    `GET ${path} HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\nauthorization: Bearer ${apiKey}\r\n\r\n`,
  )
  return reads ? socket.resume() : socket.pause()
}

/** A piece of live text as a worker publishes it. */
const pieceOf = (piece: number): string => {
  const text = String(piece % 10).repeat(pieceBytes)
  return JSON.stringify({ a: 1, t: "turn_flood", d: [{ type: "message.delta", text, at: 0 }] })
}
