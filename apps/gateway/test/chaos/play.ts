import { setTimeout as sleep } from "node:timers/promises"
import type { Fault } from "./fault-plan.ts"
import { lineOf } from "./fault-plan.ts"
import { type Ground, mendAll, strike } from "./faults.ts"
import { newStory, playErrand, type Scene, type Story } from "./person.ts"
import type { Plan } from "./plan.ts"
import type { Say } from "./progress.ts"

/** A fault as it struck, in words, or why it could not. */
export type Struck = Pick<Fault, "name" | "atMs"> & { what: string; isSkipped: boolean }

/** What a plan came to: whose errands were begun, and which faults struck. */
export type Played = { stories: Story[]; struck: Struck[]; healedMs: number }

/** So many errands are under way at most: people wait then, so that a fleet that is slow under faults is not buried by those who ask. */
const mostOpen = 40
/** How long a fleet that is whole again may go without ending anything that is under way: several leases and retries one after another. */
const healingMs = 180_000
const progressEveryMs = 15_000
const mostNamed = 3

/** Plays a plan for as long as it says, then mends everything and waits until all that was begun is over. */
export const play = async (
  ground: Ground,
  plan: Plan,
  scene: Omit<Scene, "story" | "signal"> & { over: AbortController; say: Say },
): Promise<Played> => {
  const { over, say } = scene
  const beganAt = performance.now()
  const until = (atMs: number) => sleep(Math.max(0, beganAt + atMs - performance.now()))
  const stories: Story[] = []
  const open = new Set<Promise<void>>()
  const struck: Struck[] = []
  const progress = setInterval(() => {
    say(
      `${stories.length} tasks begun, ${open.size} of them under way${namesOf(stories, open.size)}; ${struck.length} faults; ${healthOf(ground)}`,
    )
  }, progressEveryMs)
  const asking = (async () => {
    for (const errand of plan.errands) {
      await until(errand.atMs)
      while (open.size >= mostOpen) await Promise.race(open)
      if (performance.now() - beganAt > plan.endMs) return
      const story = newStory(errand)
      stories.push(story)
      const one: Promise<void> = playErrand({ ...scene, story, signal: over.signal }).finally(() =>
        open.delete(one),
      )
      open.add(one)
    }
  })()
  await strikeAll(ground, plan, { until, say, struck })
  await until(plan.endMs)
  await mendAll(ground)
  say(`the fleet is whole again, with ${open.size} tasks under way`)
  const healingAt = performance.now()
  const rest = setTimeout(() => over.abort(new Error("it did not come to rest in time")), healingMs)
  await asking
  while (open.size > 0) {
    await Promise.race(open)
    rest.refresh()
  }
  clearTimeout(rest)
  clearInterval(progress)
  return { stories, struck, healedMs: performance.now() - healingAt }
}

type Striking = { until: (atMs: number) => Promise<unknown>; say: Say; struck: Struck[] }

const strikeAll = async (ground: Ground, plan: Plan, { until, say, struck }: Striking): Promise<void> => {
  const lasting = new Map<string, Promise<void>>()
  for (const fault of plan.faults) {
    await until(fault.atMs)
    const { name, atMs } = fault
    const line = lineOf(name)
    const tell = (what: string, isSkipped: boolean) => {
      struck.push({ name, atMs, what, isSkipped })
      say(`${name}${what === "" ? "" : `: ${what}`}`)
    }
    // Its plan leaves room: only a machine that is much too slow comes here.
    if (line !== null && lasting.has(line)) {
      tell(`left out: the one before it still lasts`, true)
      continue
    }
    const done = strike(ground, fault).then(
      ({ what, isSkipped }) => tell(what, isSkipped),
      // A fleet that this leaves broken does not come to rest, which is said then.
      (error: unknown) => tell(`could not be done: ${String(error)}`, true),
    )
    if (line === null) await done
    else
      lasting.set(
        line,
        done.finally(() => lasting.delete(line)),
      )
  }
  await Promise.all(lasting.values())
}

/** Of the last few that are under way one wants to know what they wait for. */
const namesOf = (stories: readonly Story[], open: number): string =>
  open === 0 || open > mostNamed
    ? ""
    : ` (${stories
        .filter(({ tookMs }) => tookMs === 0)
        .map(({ errand: { task, does }, task: id }) => `${task} ${does} ${id ?? "asked for"}`)
        .join(", ")})`

/** Who of the fleet has been up for how long, so that one sees when nobody can work. */
const healthOf = ({ fleet }: Ground): string =>
  `up for ${fleet.slots.map(({ startedAt }) => Math.round((performance.now() - startedAt) / 1_000)).join(", ")} s`
