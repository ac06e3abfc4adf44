import { newId } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Lease } from "./port.ts"

const placeKeptMs = 7 * 86_400_000

/** Makes this process' candidate for a lease, which stays for `leaseMs` with a process that says nothing. */
export const makeLease = ({ client }: Context, key: string, leaseMs: number): Lease => {
  const holder = newId("worker")
  let heldUntil = 0
  return {
    held: () => performance.now() < heldUntil,
    renew: async () => {
      const sentAt = performance.now()
      const taken = await withDeadline(client.set(key, holder, "PX", leaseMs, "NX"))
      const own = taken === "OK" || (await withDeadline(client.get(key))) === holder
      if (own && taken !== "OK") await withDeadline(client.pexpire(key, leaseMs))
      heldUntil = own ? sentAt + leaseMs : 0
      return own
    },
    release: async () => {
      const held = heldUntil > performance.now()
      heldUntil = 0
      if (held && (await withDeadline(client.get(key))) === holder) await withDeadline(client.del(key))
    },
    place: () => withDeadline(client.get(`${key}:place`)),
    setPlace: async place => void (await withDeadline(client.set(`${key}:place`, place, "PX", placeKeptMs))),
  }
}
