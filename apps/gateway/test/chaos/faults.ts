import { writeFile } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { keepersOf, processesWith, type ReplyFault } from "@twolane/testkit"
import type { SmallDisk } from "./disk.ts"
import type { Fault } from "./fault-plan.ts"
import type { Fleet, Slot } from "./fleet.ts"
import type { ChaosGithub } from "./github.ts"
import type { ChaosModel } from "./model.ts"
import type { ChaosReceiver } from "./receiver.ts"
import type { ChaosRemote } from "./remote.ts"
import type { ChaosDiscord } from "./talks/discord.ts"
import { type ChaosSlack, mishaps } from "./talks/slack.ts"
import { tearLog } from "./tear-log.ts"
import { loseTickets } from "./tickets.ts"

/** Where faults strike. */
export type Ground = {
  fleet: Fleet
  model: ChaosModel
  remote: ChaosRemote
  receiver: ChaosReceiver
  github: ChaosGithub
  slack: ChaosSlack
  discord: ChaosDiscord
}

/** What a fault did, in words, or why there was nothing for it to do. */
export type Stroke = { what: string; isSkipped: boolean }

/** Lets one fault happen, and mends it when its time is over. */
export const strike = async (ground: Ground, fault: Fault): Promise<Stroke> => {
  const what = await struck(ground, fault)
  return typeof what === "string" ? { what, isSkipped: false } : { what: what.skipped, isSkipped: true }
}

type Skipped = { skipped: string }

const struck = async (ground: Ground, fault: Fault): Promise<string | Skipped> => {
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
    case "tear redis' log": {
      const bytes = 1 + Math.round((fault.where / 999) * (mostTornBytes - 1))
      await tearLog(fleet.redis, bytes, fault.how % 2 === 0)
      await fleet.redis.restart()
      return `after ${bytes} bytes of a command`
    }
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
    case "lose a pull request's answer":
      ground.github.loseAnswer("/pulls", fault.how % 2 === 0)
      return ""
    case "lose a comment's answer":
      ground.github.loseAnswer("/comments", fault.how % 2 === 0)
      return ""
    case "github errs": {
      const answer = chosen(refusals, fault.how)
      ground.github.answer(answer)
      await over()
      ground.github.answer(null)
      return `with ${answer.status} for ${fault.forMs} ms`
    }
    case "slack errs": {
      const mishap = chosen(mishaps, fault.how)
      ground.slack.double.next("chat.", mishap)
      return JSON.stringify(mishap)
    }
    case "discord errs": {
      const mishap = chosen(mishaps, fault.how)
      const path = chosen(["/messages", "/messages", "/threads", "/channels/"], fault.where)
      // What is sent again later than within some minutes is not known by its nonce.
      if (fault.where % 3 === 0) ground.discord.double.forgetNonces()
      ground.discord.double.next(path, mishap)
      return `${path} ${JSON.stringify(mishap)}`
    }
    case "discord hangs up":
      return hangUp(ground.discord, fault)
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
      return spoil(fleet.smallDisk, disk => disk.fill(), fault)
    case "use up a disk's files":
      return spoil(fleet.smallDisk, disk => disk.useUpFiles(), fault)
    case "make a disk read-only":
      return spoil(fleet.smallDisk, disk => disk.makeReadOnly(), fault)
    case "slow a disk":
      if (fleet.slowDisk === null) return notHere
      await fleet.slowDisk.slow(fault.forMs)
      return `${fleet.slowDisk.path} for ${fault.forMs} ms`
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
export const mendAll = async ({ fleet, model, remote, receiver, github }: Ground): Promise<void> => {
  model.mood.fault = null
  receiver.mood.answers = "well"
  github.answer(null)
  remote.ambushed.clear()
  remote.server.loseAnswers(0)
  await fleet.smallDisk?.mend()
  for (const slot of fleet.slots) {
    slot.redis.delay(0)
    slot.redis.release()
    await writeFile(slot.clockFile, "0")
  }
}

/** Its socket breaks, is closed, falls silent, or is to be opened anew. */
const hangUp = ({ double: { gateway } }: ChaosDiscord, { how }: Fault): string => {
  const [what, act] = chosen(
    [
      ["without a word", () => gateway.drop()],
      ["with a close code", () => gateway.drop(4000)],
      ["and answers no heartbeat", () => gateway.mute()],
      ["and asks for a new connection", () => gateway.askToReconnect()],
    ] as const,
    how,
  )
  act()
  return what
}

const refusals = [{ status: 503 }, { status: 500 }, { status: 429, headers: { "retry-after": "1" } }]
const mostTornBytes = 4_096
const notHere: Skipped = { skipped: "not here: it needs the right to mount, and what makes file systems" }

const spoil = async (
  disk: SmallDisk | null,
  how: (disk: SmallDisk) => Promise<void>,
  { forMs }: Fault,
): Promise<string | Skipped> => {
  if (disk === null) return notHere
  await how(disk)
  await sleep(forMs)
  await disk.mend()
  return `${disk.path} for ${forMs} ms`
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

const killOne = (pids: readonly number[], where: number, what: string): string | Skipped => {
  const pid = pids[where % Math.max(1, pids.length)]
  if (pid === undefined) return { skipped: `there was no ${what}` }
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    return { skipped: `the ${what} had just ended` }
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
