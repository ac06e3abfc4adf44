import { setTimeout as sleep } from "node:timers/promises"
import { openStore } from "@twolane/store"
import { type House, makeRepo, register, startHouse, startModel, submit } from "@twolane/testkit"
import { allHeard, ofEach, unlike, wakes } from "./check.ts"
import { loud, startDeepWorker, submitAll, waiting } from "./deep-load.ts"
import { speech, streamAll } from "./fast-load.ts"
import { asked, openReader, type Reader, type Site } from "./reader.ts"
import { watchTeam } from "./team-watch.ts"

/** How much is put on a house. */
export type LoadSize = {
  /** Deep tasks that wait at once, all there before one of them may start. */
  queued: number
  /** Who reads event streams: one in fifty the whole team's, the others a fast task's each. */
  watchers: number
  /** Fast turns that stream at once. */
  streams: number
}

/** What was held, and what of it was lost; nothing is, when all is well. */
export type LoadReport = { wrong: string[]; figures: Record<string, number> }

const secretKey = Buffer.alloc(32, 9).toString("base64url")
const repos = Array.from({ length: 10 }, (_, index) => `shop-${index}`)

/**
 * Fills the queue, streams over it, then lets it run empty, with a reader among them all that never reads. Everybody else must hear
 * everything, and every task must end once.
 */
export const runLoad = async (
  size: LoadSize,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<LoadReport> => {
  await using model = await startModel({
    script: () => ({ items: [{ type: "message", text: speech }], tokensPerSecond: 25 }),
  })
  await using source = await makeRepo({ files: { "a.txt": "a\n" } })
  const env = {
    LOG_LEVEL: "error",
    TWOLANE_FAST_CONCURRENCY: String(size.streams),
    TWOLANE_SECRET_KEY: secretKey,
  }
  await using house = await startHouse({ modelUrl: model.url, fastWorkers: 1, deepWorkers: 0, env })
  for (const name of repos) await register(house, name, source)
  const site: Site = house

  await using stack = new AsyncDisposableStack()
  const teamWatchers = Math.max(2, Math.floor(size.watchers / 50))
  const watches = await Promise.all(
    Array.from({ length: teamWatchers }, (_, index) => watchTeam(site, { keeps: index === 0 })),
  )
  for (const { reader } of watches) void stack.use(reader).read()
  const sleeper = await watchTeam(site, { keeps: true })
  stack.use(sleeper.reader)

  const queued = await submitAll(house, size.queued, repos)
  const held = await waiting(house)
  say(`${held} tasks wait`)
  const rest = { streams: size.streams, watchers: size.watchers - teamWatchers, repo: repos[0] ?? "" }
  const streamed = await streamAll(site, rest)
  say(`${size.streams} streams came to their ends over them, with ${rest.watchers} watchers`)
  const stillHeld = await waiting(house)

  const speaking = Promise.withResolvers<void>()
  const { id: loudTask } = await submit(house, { repo: repos[0], prompt: loud.prompt, priority: "urgent" })
  const store = stack.use(
    await openStore({ url: house.redis.url, secretKey, onError: error => say(String(error)) }),
  )
  const worker = stack.use(await startDeepWorker(store, speaking.promise))
  const slow = listenTo(site, loudTask)
  const quick = listenTo(site, loudTask)
  const slowReader = stack.use(await slow.open())
  const quickReader = stack.use(await quick.open())
  speaking.resolve()
  await quickReader.read()
  const ends = queued.length + streamed.tasks.length + 1
  await allHeard(watches, ends, say, signal)

  // Whoever looks now is that reader alone; it reads on only once it was dropped.
  while ((await taskStreams(house)) > 0 && !signal.aborted) await sleep(lookMs)
  const read = await slowReader.read()
  const before = slow.ids.length
  if (!read) await stack.use(await slow.open(slow.ids.at(-1))).read()
  const [first] = watches
  if (first === undefined) throw new Error("nobody reads the team's stream")
  const woken = await wakes(site, sleeper, first.cursors, signal)
  const wrong = [
    ...(held === size.queued && stillHeld === size.queued
      ? []
      : [`${held}, then ${stillHeld} of ${size.queued} waited`]),
    ...streamed.wrong,
    ...unlike(watches),
    ...(await ofEach(house, { queued, runs: worker.runs, heard: first.byTask })),
    ...(read ? ["the reader that never read was not dropped"] : []),
    ...(slow.ids.join() === quick.ids.join() ? [] : ["what it missed did not come when it resumed"]),
    ...woken.wrong,
  ]
  const { events } = first.heard()
  return {
    wrong,
    figures: {
      queued: held,
      watchers: size.watchers,
      streams: size.streams,
      ended: ends,
      teamEvents: events,
      heard: events * teamWatchers + streamed.events,
      loudEvents: quick.ids.length,
      beforeItWasDropped: before,
      askedAgain: asked.again,
      replayed: streamed.replayed,
      sleeperDropped: woken.dropped ? 1 : 0,
      sleeperHeardBefore: woken.before,
    },
  }
}

const lookMs = 50

/** How many readers of tasks' streams the gateway has. */
const taskStreams = async (house: House): Promise<number> => {
  const { text } = await house.call("GET", "/metrics")
  return Number(/^twolane_event_streams\{kind="task"\} (\d+)$/m.exec(text)?.[1] ?? 0)
}

/** One reader of a task's log, which may open it again after an event. */
const listenTo = (site: Site, task: string) => {
  const ids: string[] = []
  const open = (after?: string): Promise<Reader> => {
    const path = `/v1/tasks/${task}/events${after === undefined ? "" : `?after=${after}`}`
    return openReader(site, { path }, ({ id }) => void (id !== undefined && ids.push(id)))
  }
  return { ids, open }
}
