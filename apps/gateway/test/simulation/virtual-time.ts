import nodeCrypto from "node:crypto"
import { syncBuiltinESMExports } from "node:module"
import timersPromises from "node:timers/promises"
import { comeDue, type Machine, machineNow } from "./machine.ts"
import type { Random } from "./random.ts"

/** Time that passes only when it is told to. Everything of Node that tells time, waits or draws lots is bent to it until it is disposed. */
export type VirtualTime = Disposable & {
  /** Epoch ms. */
  now: () => number
  /** Calls at a time, for a machine or for the world (null). */
  at: (time: number, machine: Machine | null, run: () => void) => void
  /** Lets time pass until `until` holds, or for `mostMs`; answers whether it held. */
  pass: (mostMs: number, until?: () => boolean) => Promise<boolean>
}

/** 1 November 2026: any fixed moment does. */
const beginning = 1_793_491_200_000

type Due = { time: number; order: number; machine: Machine | null; run: () => void }

/** Takes over the process' clocks, timers and chance. Only one at a time. */
export const installVirtualTime = (random: Random): VirtualTime => {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate }
  let now = beginning
  let order = 0
  const due = makeHeap()
  const at: VirtualTime["at"] = (time, machine, run) =>
    due.push({ time: Math.max(now, Math.ceil(time)), order: order++, machine, run })

  const startTimer = (run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) => {
    const timer = new VirtualTimer()
    at(now + Math.max(1, delayMs), machineNow(), () => {
      if (!timer.cleared) run(...args)
    })
    return timer
  }
  const clearTimer = (timer: unknown) => {
    if (timer instanceof VirtualTimer) timer.cleared = true
  }
  const wait = (delayMs = 0, value?: unknown, options: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      const { signal } = options
      const fail = () => reject(new DOMException("The operation was aborted", "AbortError"))
      if (signal?.aborted) return fail()
      const timer = startTimer(() => {
        signal?.removeEventListener("abort", onAbort)
        resolve(value)
      }, delayMs)
      const onAbort = () => {
        clearTimer(timer)
        fail()
      }
      signal?.addEventListener("abort", onAbort, { once: true })
    })
  const byte = () => random.whole(0, 255)
  const restores = [
    replace(globalThis, { setTimeout: startTimer, clearTimeout: clearTimer }),
    replace(timersPromises, { setTimeout: wait }),
    replace(Date, { now: () => now }),
    replace(performance, { now: () => now - beginning }),
    replace(crypto, { getRandomValues: (bytes: Uint8Array) => fill(bytes, byte) }),
    replace(nodeCrypto, { randomUUID: () => Array.from({ length: 16 }, byte).join("-") }),
  ]
  syncBuiltinESMExports()

  /** Lets everything run that waits for nothing but its turn. */
  const settle = async () => {
    for (let turns = 0; turns < 2; turns++) await new Promise(resolve => real.setImmediate(resolve))
  }
  const pass: VirtualTime["pass"] = async (mostMs, until = () => false) => {
    const end = now + mostMs
    await settle()
    while (!until()) {
      const next = due.peek()
      if (next === null || next > end) break
      now = next
      for (const one of due.takeUntil(now)) comeDue(one.machine, one.run)
      await settle()
    }
    const held = until()
    if (!held) now = end
    return held
  }
  return {
    now: () => now,
    at,
    pass,
    [Symbol.dispose]: () => {
      for (const restore of restores) restore()
      syncBuiltinESMExports()
    },
  }
}

const fill = (bytes: Uint8Array, byte: () => number): Uint8Array => {
  for (const index of bytes.keys()) bytes[index] = byte()
  return bytes
}

/** What Node's timers can do that the store asks of them. */
class VirtualTimer {
  cleared = false
  unref() {
    return this
  }
  ref() {
    return this
  }
}

const replace = (target: object, members: Record<string, unknown>): (() => void) => {
  const before = Object.keys(members).map(
    name => [name, Object.getOwnPropertyDescriptor(target, name)] as const,
  )
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(target, name, { value, configurable: true, writable: true })
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(target, name)
      else Object.defineProperty(target, name, descriptor)
    }
  }
}

const before = (a: Due, b: Due): boolean => a.time < b.time || (a.time === b.time && a.order < b.order)

/** A binary heap by time, then by order. */
const makeHeap = () => {
  const items: Due[] = []
  const at = (index: number): Due => {
    const item = items[index]
    if (item === undefined) throw new Error(`nothing at ${index}`)
    return item
  }
  const swap = (a: number, b: number) => {
    const first = at(a)
    items[a] = at(b)
    items[b] = first
  }
  const push = (item: Due) => {
    items.push(item)
    for (let index = items.length - 1; index > 0; ) {
      const parent = (index - 1) >> 1
      if (!before(at(index), at(parent))) break
      swap(index, parent)
      index = parent
    }
  }
  const pop = (): Due => {
    const top = at(0)
    const last = items.pop()
    if (last === undefined || items.length === 0) return top
    items[0] = last
    for (let index = 0; ; ) {
      const children = [2 * index + 1, 2 * index + 2].filter(child => child < items.length)
      const least = children.reduce((best, child) => (before(at(child), at(best)) ? child : best), index)
      if (least === index) return top
      swap(index, least)
      index = least
    }
  }
  return {
    push,
    peek: (): number | null => items[0]?.time ?? null,
    takeUntil: (time: number): Due[] => {
      const taken: Due[] = []
      while (items.length > 0 && at(0).time <= time) taken.push(pop())
      return taken
    },
  }
}
