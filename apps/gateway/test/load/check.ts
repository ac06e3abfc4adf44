import { setTimeout as sleep } from "node:timers/promises"
import type { Page, Task } from "@twolane/protocol"
import type { House } from "@twolane/testkit"
import type { Site } from "./reader.ts"
import { type TeamWatch, watchTeam } from "./team-watch.ts"

const lookMs = 50
const sayEveryMs = 10_000

/** Waits until each watch has heard of so many ends, or the time is over. */
export const allHeard = async (
  watches: readonly TeamWatch[],
  ends: number,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const least = () => Math.min(...watches.map(watch => watch.heard().ended))
  for (let saidAt = performance.now(); least() < ends && !signal.aborted; ) {
    await sleep(lookMs)
    if (performance.now() - saidAt < sayEveryMs) continue
    saidAt = performance.now()
    say(`${least()} of ${ends} turns have ended`)
  }
}

/** What watches heard otherwise than the first of them. */
export const unlike = (watches: readonly TeamWatch[]): string[] => {
  const [first, ...others] = watches.map(watch => watch.heard())
  return others
    .filter(({ digest }) => digest !== first?.digest)
    .map(({ events }) => `a reader of the team's stream heard ${events} events, another one ${first?.events}`)
}

type Deep = {
  queued: readonly string[]
  runs: ReadonlyMap<string, number>
  heard: ReadonlyMap<string, string[]>
}

/** What is wrong with the deep tasks: each is there, ran once, ended well, and was told from its beginning to its end. */
export const ofEach = async (house: House, { queued, runs, heard }: Deep): Promise<string[]> => {
  const states = new Map<string, string>()
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`
    const { body } = await house.call("GET", `/v1/tasks?limit=200&lane=deep${query}`)
    const page = body as Page<Task>
    for (const { id, status } of page.items) states.set(id, status)
    cursor = page.nextCursor
  }
  const story = "task.created turn.queued turn.started turn.ended"
  return queued.flatMap(task => {
    const said = heard.get(task)?.join(" ")
    return [
      ...(states.get(task) === "succeeded" ? [] : [`${task} is ${states.get(task) ?? "lost"}`]),
      ...(runs.get(task) === 1 ? [] : [`${task} ran ${runs.get(task) ?? 0} times`]),
      ...(said === story ? [] : [`of ${task} was told: ${said}`]),
    ]
  })
}

/** A reader of the team's stream that slept through all of it reads what is left, and comes back for the rest where it was cut off. */
export const wakes = async (
  site: Site,
  sleeper: TeamWatch,
  all: readonly string[],
  signal: AbortSignal,
): Promise<{ wrong: string[]; dropped: boolean; before: number }> => {
  const over = new AbortController()
  const waiting = AbortSignal.any([signal, over.signal])
  const cut = await Promise.race([sleeper.reader.read(), untilHeard(sleeper, all.length, waiting)])
  over.abort()
  const before = sleeper.cursors.length
  const dropped = cut === false
  const after = sleeper.cursors.at(-1)
  const rest = dropped
    ? await watchTeam(site, { keeps: true, ...(after === undefined ? {} : { after }) })
    : null
  using _rest = rest?.reader
  if (rest !== null) {
    void rest.reader.read()
    await untilHeard(rest, all.length - before, signal)
  }
  const heard = [...sleeper.cursors, ...(rest?.cursors ?? [])]
  const same = heard.join() === all.join()
  return {
    wrong: same ? [] : [`a reader that slept heard ${heard.length} events of ${all.length}`],
    dropped,
    before,
  }
}

const untilHeard = async (watch: TeamWatch, count: number, signal: AbortSignal): Promise<null> => {
  while (watch.cursors.length < count && !signal.aborted) await sleep(lookMs)
  return null
}
