/** Loaded into each process of the fleet: its wall clock (not the monotonic one) is off by what a file says, in ms. */
import { readFileSync } from "node:fs"

const lookEveryMs = 200
const path = process.env.CHAOS_CLOCK ?? ""
const RealDate = Date
const realNow = Date.now
let offMs = 0

const look = () => {
  try {
    offMs = Number(readFileSync(path, "utf8"))
  } catch {
    offMs = 0 // nobody bends it
  }
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, self) =>
    Reflect.construct(target, args.length === 0 ? [realNow() + offMs] : args, self) as Date,
  apply: () => new RealDate(realNow() + offMs).toString(),
})
Date.now = () => realNow() + offMs
look()
setInterval(look, lookEveryMs).unref()
