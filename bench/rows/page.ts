import { setTimeout as delay } from "node:timers/promises"
import { firstLoads } from "../../apps/dashboard/test/first-load.ts"
import type { OpenPage, TestPage } from "../../apps/dashboard/test/start-page.ts"
import { startChild } from "../child.ts"
import { serveEmptyPage } from "../floors/empty-page.ts"
import { type Contender, fiveRounds, inTurns, median, quantile } from "../measure.ts"
import { openPageHouse } from "../ours/page-house.ts"
import type { WriterInput, WriterSays } from "../ours/page-writer.ts"
import { compare, type Line, type MeasureRow, type RowRun } from "../row.ts"

const depths = [100, 100_000] as const
const visitsPerRound = 3
const perSecond = 200
const mostScriptBytes = 200 * 1024
/** What browsers call long: it is felt. */
const longTaskMs = 50

/** The page's start against an empty page of its framework, how it bears a busy team, and its script. */
export const run: MeasureRow = async ({ full, signal }) => {
  await using stack = new AsyncDisposableStack()
  const floor = stack.use(await serveEmptyPage())
  const few = stack.use(await openPageHouse(depths[0], signal))
  const many = stack.use(await openPageHouse(depths[1], signal))
  const takenOver = { few: [] as number[], many: [] as number[] }
  const queue = (name: keyof typeof takenOver, at: TestPage) =>
    visits(at, `${at.house.url}/`, { usable: queueIsUsable, whole: scriptTookOver, wholeMs: takenOver[name] })
  const found = await inTurns(
    {
      floor: await visits(many, floor.url, { usable: headingIsThere }),
      few: await queue("few", few),
      many: await queue("many", many),
    },
    fiveRounds(signal),
  )
  const lines = (["few", "many"] as const).map((name, index) =>
    compare(
      `usable queue at ${depths[index]?.toLocaleString("en")} tasks`,
      "ms",
      { floor: median(found.floor), ours: median(found[name]) },
      { atMost: 1.5 },
    ),
  )
  const whole = (["few", "many"] as const).map((name, index): Line => {
    const floorMs = median(found.floor)
    const ours = median(takenOver[name].slice(visitsPerRound)) // without the warm-up's
    const what = `the script has taken over at ${depths[index]?.toLocaleString("en")} tasks`
    return { what, unit: "ms", floor: floorMs, ours, ratio: ours / floorMs, goal: "reported", ok: null }
  })
  const busy = await bear(many, { full, signal })
  const p90 = (name: keyof typeof found) => quantile(found[name], 0.9).toFixed(0)
  return {
    lines: [...lines, ...whole, ...busy.lines, await scriptLine()],
    profile: [`p90: empty page ${p90("floor")} ms, ours ${p90("few")} and ${p90("many")} ms`, busy.says],
  }
}

/** Run in the page before its scripts: tells when something is so, counted from the navigation to the frame that shows it. */
const watchFor = (name: string, isSo: string): string => `globalThis.${name} = new Promise(tell => {
  const look = new MutationObserver(() => {
    if (!(${isSo})) return
    look.disconnect()
    requestAnimationFrame(() => setTimeout(() => tell(performance.now())))
  })
  look.observe(document, { subtree: true, childList: true, characterData: true })
})`

const headingIsThere = `document.querySelector("h1") !== null`
/** Rows of tasks, both lanes' figures, and a filter that can be typed into. */
const queueIsUsable = `document.querySelector("[data-row]") !== null
  && document.querySelectorAll("section dd").length > 1
  && !document.body.textContent.includes("–running")
  && document.querySelector("input[aria-label^=Text]") !== null`

/** What came drawn is what the script rendered: only then rows have places in a list of its whole length. */
const scriptTookOver = `document.querySelector("[role=list][style]") !== null`

type Watched = { usable: string; whole?: string; wholeMs?: number[] }

/**
 * First visits of somebody who is signed in, with nothing in the browser's cache, in new tabs of a window that is at rest: a new window
 * loads what the browser itself shows around pages, for half a second on both cores.
 */
const visits = async (
  at: TestPage,
  url: string,
  { usable, whole = usable, wholeMs = [] }: Watched,
): Promise<Contender> => {
  const { page } = await at.open("/")
  const context = page.context()
  await page.goto("about:blank")
  await restOf(at.browser)
  return async () => {
    const samples: number[] = []
    for (let visit = 0; visit < visitsPerRound; visit += 1) {
      const fresh = await context.newPage()
      const session = await context.newCDPSession(fresh)
      await session.send("Network.clearBrowserCache")
      await fresh.addInitScript(`${watchFor("usable", usable)}; ${watchFor("whole", whole)}`)
      await fresh.goto(url)
      samples.push(await fresh.evaluate<number>("globalThis.usable"))
      wholeMs.push(await fresh.evaluate<number>("globalThis.whole"))
      await fresh.close()
    }
    return samples
  }
}

const lookAgainMs = 100
const calmMs = 10

/** Waits until the browser's processes compute next to nothing. */
const restOf = async (browser: TestPage["browser"]): Promise<void> => {
  const session = await browser.newBrowserCDPSession()
  const cpuMs = async () => {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo")
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime * 1_000, 0)
  }
  let before = await cpuMs()
  for (let calm = 0; calm < 2; ) {
    await delay(lookAgainMs)
    const now = await cpuMs()
    calm = now - before < calmMs ? calm + 1 : 0
    before = now
  }
  await session.detach()
}

const watchLongTasks = `globalThis.longTasks = []
new PerformanceObserver(list => longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })))).observe({ type: "longtask" })`

/** A queue that is looked at while the team is busy: what the page's thread and memory bear. */
const bear = async (at: TestPage, { full, signal }: RowRun): Promise<{ lines: Line[]; says: string }> => {
  const forMs = full ? 60_000 : 15_000
  const input: WriterInput = { url: at.house.redis.url, perSecond, forMs }
  await using writer = startChild<WriterSays>("ours/page-writer.ts", input)
  await writer.next(signal)
  const { page, errors } = await at.open("/")
  await page.locator("[data-row]").first().waitFor()
  await page.getByRole("status").getByText("Live").waitFor()
  // The window is new: what the browser loads around the page would hold its thread up.
  await restOf(at.browser)
  const heapBefore = await heapBytes(page)
  await page.evaluate(watchLongTasks)
  writer.send({ go: true })
  const said = await writer.next(signal)
  if (!("written" in said)) throw new Error("the writer said something else than its end")
  // Before the palette is opened, which is a person's act.
  const long = await page.evaluate<{ startTime: number; duration: number }[]>("longTasks")
  const shownAfterMs = await untilKnown(page, said.last)
  const heapAfter = await heapBytes(page)
  if (errors.length > 0) throw new Error(`the page complained: ${errors.join("; ")}`)
  const rate = Math.round(said.written / (said.tookMs / 1_000))
  const longest = Math.max(0, ...long.map(({ duration }) => duration))
  return {
    lines: [
      {
        what: `longest task of the page's thread at ${rate} events/s for ${forMs / 1_000} s`,
        floor: null,
        ours: longest,
        unit: "ms",
        ratio: null,
        goal: `none over ${longTaskMs} ms`,
        ok: longest <= longTaskMs,
      },
      {
        what: "memory after it, collected",
        floor: heapBefore,
        ours: heapAfter,
        unit: "B",
        ratio: heapAfter / heapBefore,
        goal: "reported",
        ok: null,
      },
    ],
    says: `${said.written} events; ${long.length} tasks over ${longTaskMs} ms${long.map(({ startTime, duration }) => ` (${duration} ms at ${(startTime / 1_000).toFixed(1)} s of the page)`).join()}; the last task was known ${shownAfterMs.toFixed(0)} ms after its write`,
  }
}

type Page = OpenPage["page"]

/** The newest task is far down a long line: the palette knows what the page knows. */
const untilKnown = async (page: Page, task: string): Promise<number> => {
  const startedAt = performance.now()
  await page.keyboard.press("Control+k")
  await page.getByRole("dialog").getByRole("combobox").fill(task)
  await page.getByRole("option").first().waitFor()
  return performance.now() - startedAt
}

const heapBytes = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page)
  await session.send("HeapProfiler.collectGarbage")
  const { usedSize } = await session.send("Runtime.getHeapUsage")
  await session.detach()
  return usedSize
}

const scriptLine = async (): Promise<Line> => {
  const loads = await firstLoads()
  const bytes = loads.get("index.html")
  if (bytes === undefined) throw new Error("the built page has no queue")
  return {
    what: "script of the queue's first load, compressed",
    floor: null,
    ours: bytes,
    unit: "B",
    ratio: null,
    goal: "≤ 200 KB",
    ok: bytes <= mostScriptBytes,
  }
}
