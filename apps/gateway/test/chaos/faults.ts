import { writeFile } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { keepersOf, processesWith, type ReplyFault } from "@twolane/testkit"
import type { SmallDisk } from "./disk.ts"
import type { Fleet, Slot } from "./fleet.ts"
import type { ChaosModel } from "./model.ts"
import type { Fault } from "./plan.ts"
import type { ChaosReceiver } from "./receiver.ts"
import type { ChaosRemote } from "./remote.ts"
import { loseTickets } from "./tickets.ts"

/** Where faults strike. */
export type Ground = {
  fleet: Fleet
  model: ChaosModel
  remote: ChaosRemote
  receiver: ChaosReceiver
  disk: SmallDisk | null
}

/** Lets one fault happen, and mends it when its time is over; answers what was struck, in words. */
export const strike = async (ground: Ground, fault: Fault): Promise<string> => {
  const { fleet, model, remote } = ground
  const slot = chosen(fleet.slots, fault.where)
  const over = () => sleep(fault.forMs)
  switch (fault.name) {
    case "kill":
      return killed(slot, "SIGKILL")
    case "stop":
      return killed(slot, "SIGTERM")
    case "freeze": {
      const { part } = slot
      part.kill("SIGSTOP")
      await over()
      part.kill("SIGCONT")
      return `${slot.name} for ${fault.forMs} ms`
    }
    case "kill a keeper":
      return killOne(
        fleet.slots.flatMap(({ part }) => keepersOf(part.pid)),
        fault.where,
        "keeper",
      )
    case "kill a hand":
      return killOne(handsOf(fleet), fault.where, "hand")
    case "kill redis":
      await fleet.redis.kill9()
      await over()
      await fleet.redis.restart()
      return `for ${fault.forMs} ms`
    case "restart redis":
      await fleet.redis.restart()
      return ""
    case "freeze redis":
      fleet.redis.pause()
      await over()
      fleet.redis.resume()
      return `for ${fault.forMs} ms`
    case "cut":
      slot.redis.cut()
      return slot.name
    case "half-open":
      return halfOpen(slot, fault)
    case "slow redis":
      slot.redis.delay(fault.how)
      await over()
      slot.redis.delay(0)
      return `${slot.name} by ${fault.how} ms for ${fault.forMs} ms`
    case "cut the model":
      slot.model.cut()
      return slot.name
    case "model errs": {
      model.mood.fault = moods[fault.how % moods.length] ?? null
      await over()
      const { type } = model.mood.fault ?? { type: "none" }
      model.mood.fault = null
      // What hangs would hang for minutes.
      model.server.dropConnections()
      return `${type} for ${fault.forMs} ms`
    }
    case "lose a push's answer":
      remote.server.loseAnswers(1)
      return ""
    case "ambush":
      return ambush(remote, fault)
    case "rival": {
      const repo = chosen(remote.repos, fault.where)
      await remote.pushAsRival(repo, "main")
      return `${repo} main`
    }
    case "lose tickets":
      return loseTickets(fleet.redis.url)
    case "bend a clock": {
      const offMs = chosen(shiftsMs, fault.how)
      await writeFile(slot.clockFile, String(offMs))
      await over()
      await writeFile(slot.clockFile, "0")
      return `${slot.name} by ${offMs} ms for ${fault.forMs} ms`
    }
    case "fill a disk":
      if (ground.disk === null) return "not here: it needs the right to mount"
      await ground.disk.fill()
      await over()
      await ground.disk.empty()
      return `${ground.disk.path} for ${fault.forMs} ms`
    case "receiver errs": {
      const { mood } = ground.receiver
      mood.answers = fault.how % 2 === 0 ? "an error" : "nothing"
      await over()
      mood.answers = "well"
      return `for ${fault.forMs} ms`
    }
    default:
      return fault.name satisfies never
  }
}

/** Ends every fault that may still last. */
export const mendAll = async ({ fleet, model, remote, receiver, disk }: Ground): Promise<void> => {
  model.mood.fault = null
  receiver.mood.answers = "well"
  remote.ambushed.clear()
  remote.server.loseAnswers(0)
  await disk?.empty()
  for (const slot of fleet.slots) {
    slot.redis.delay(0)
    slot.redis.release()
    await writeFile(slot.clockFile, "0")
  }
}

const second = 1_000
const shiftsMs = [1, -1, 600, -600, 86_400, -86_400].map(seconds => seconds * second)

const moods: readonly ReplyFault[] = [
  { type: "status", status: 500 },
  { type: "status", status: 429, retryAfterSeconds: 1 },
  { type: "drop", afterDeltas: 0 },
  { type: "drop", afterDeltas: 1 },
  { type: "hang", afterDeltas: 1 },
  { type: "failed", afterDeltas: 1, code: "server_error", message: "a scripted failure" },
  { type: "incomplete", afterDeltas: 0, reason: "max_output_tokens" },
]

const chosen = <Item>(items: readonly Item[], where: number): Item => {
  const found = items[where % items.length]
  if (found === undefined) throw new Error("one of none")
  return found
}

const killed = ({ name, part }: Slot, signal: NodeJS.Signals): string => {
  part.kill(signal)
  return name
}

const killOne = (pids: readonly number[], where: number, what: string): string => {
  const pid = pids[where % Math.max(1, pids.length)]
  if (pid === undefined) return `there was no ${what}`
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    return `the ${what} had just ended`
  }
  return `${what} ${pid} of ${pids.length}`
}

const handsOf = ({ slots }: Fleet): number[] => {
  const workers = new Set(slots.map(({ part }) => part.pid))
  return processesWith(words => words.some(word => word.endsWith("hand/main.ts")))
    .filter(({ parent }) => workers.has(parent))
    .map(({ pid }) => pid)
}

/** Nothing passes one way or both; then the connections break, or what waited comes late. */
const halfOpen = async ({ name, redis }: Slot, { how, forMs }: Fault): Promise<string> => {
  const ways = chosen([["up"], ["down"], ["up", "down"]] as const, how)
  redis.hold(...ways)
  await sleep(forMs)
  const breaks = how % 2 === 0
  if (breaks) redis.cut()
  redis.release()
  return `${name} ${ways.join(" and ")} for ${forMs} ms, then ${breaks ? "cut" : "late"}`
}

/** Somebody else commits to a branch that one of us pushes next. */
const ambush = (remote: ChaosRemote, { where }: Fault): string => {
  const repo = chosen(remote.repos, where)
  remote.ambushed.add(`${repo} main`)
  return `${repo} main`
}
