import { getEventListeners } from "node:events"
import { expect, test } from "vitest"
import {
  abortReason,
  backoffMs,
  deadline,
  derive,
  neverAborted,
  orAborted,
  retry,
  sleep,
} from "../src/lifetime.ts"

const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length

test("a derived signal ends with its parent, and the first cause wins", () => {
  const parent = new AbortController()
  using derived = derive(parent.signal)
  parent.abort({ by: "user" })
  derived.abort({ by: "shutdown" })
  expect(abortReason(derived.signal)).toEqual({ by: "user" })
})

test("a derived signal ends by itself without its parent, and leaves no listener there", () => {
  const parent = new AbortController()
  {
    using derived = derive(parent.signal)
    derived.abort({ by: "superseded" })
    expect([abortReason(derived.signal), parent.signal.aborted]).toEqual([{ by: "superseded" }, false])
  }
  expect(listeners(parent.signal)).toBe(0)
})

test("a signal below one that has ended has ended", () => {
  using derived = derive(AbortSignal.abort({ by: "shutdown" }))
  expect(abortReason(derived.signal)).toEqual({ by: "shutdown" })
})

test("a deadline ends with the reason deadline, and its clock stops when it is disposed", async () => {
  const parent = new AbortController()
  using limit = deadline(5, parent.signal)
  await expect(sleep(60_000, limit.signal)).rejects.toEqual({ by: "deadline" })
  const unused = deadline(1, parent.signal)
  unused[Symbol.dispose]()
  await sleep(10, neverAborted())
  expect(unused.signal.aborted).toBe(false)
})

test("a foreign reason is none of ours", () => {
  expect(abortReason(AbortSignal.abort())).toBeNull()
  expect(abortReason(neverAborted())).toBeNull()
})

test("sleeping and waiting leave no listener behind", async () => {
  const { signal } = new AbortController()
  await sleep(1, signal)
  expect(await orAborted(Promise.resolve(3), signal)).toBe(3)
  expect(listeners(signal)).toBe(0)
})

test("waiting for a promise ends with the signal", async () => {
  const controller = new AbortController()
  const waiting = orAborted(new Promise(() => {}), controller.signal)
  controller.abort({ by: "disconnect" })
  await expect(waiting).rejects.toEqual({ by: "disconnect" })
})

const policy = { attempts: 3, baseMs: 1, maxMs: 4, random: () => 1 }

test("a retry tries as often as the policy says, then throws the last failure", async () => {
  const tries: number[] = []
  const attempt = async (tryNumber: number) => {
    tries.push(tryNumber)
    throw new Error(`failure ${tryNumber}`)
  }
  await expect(retry(policy, attempt, neverAborted())).rejects.toThrow("failure 3")
  expect(tries).toEqual([1, 2, 3])
})

test("a retry ends at once for a failure that will not pass, and when it works", async () => {
  const failing = retry(
    { ...policy, retryable: () => false },
    () => Promise.reject(new Error("no")),
    neverAborted(),
  )
  await expect(failing).rejects.toThrow("no")
  expect(
    await retry(policy, async tries => (tries < 2 ? Promise.reject(new Error()) : "yes"), neverAborted()),
  ).toBe("yes")
})

test("a retry waits as long as the other side asks, and a signal ends the wait", async () => {
  const controller = new AbortController()
  const waiting = retry(
    { ...policy, afterMs: () => 60_000 },
    () => Promise.reject(new Error()),
    controller.signal,
  )
  setImmediate(() => controller.abort({ by: "user" }))
  await expect(waiting).rejects.toEqual({ by: "user" })
})

test("the wait doubles up to its most, and half of it is chance", () => {
  const spread = { attempts: 9, baseMs: 100, maxMs: 500 }
  expect([1, 2, 3, 4].map(failures => backoffMs(failures, { ...spread, random: () => 1 }))).toEqual([
    100, 200, 400, 500,
  ])
  expect(backoffMs(2, { ...spread, random: () => 0 })).toBe(100)
})
