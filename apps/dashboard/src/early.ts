import { client } from "./client.ts"

/** Something that may have been asked for before anybody waited for it. */
type Early<Value> = {
  begin: () => void
  /** What was begun, as often as it was begun for and while it is fresh; else it is loaded now. */
  take: (signal?: AbortSignal) => Promise<Value>
}

/** What was begun is for the page's start, not for somebody who comes to a view minutes later. */
const freshMs = 5_000

const early = <Value>(load: (signal?: AbortSignal) => Promise<Value>, takers = 1): Early<Value> => {
  let begun: { answer: Promise<Value>; until: number; takers: number } | null = null
  return {
    begin: () => {
      const answer = load()
      answer.catch(() => undefined) // whoever takes it hears of it
      begun = { answer, until: performance.now() + freshMs, takers }
    },
    take: signal => {
      if (begun === null || begun.takers === 0 || performance.now() > begun.until) return load(signal)
      begun.takers -= 1
      return begun.answer
    },
  }
}

const options = (signal?: AbortSignal) => (signal === undefined ? {} : { signal })

/** How many of a lane's line, of a status, and of the newest tasks are loaded at a time. */
export const perPage = { line: 100, status: 200, newest: 50 } as const

/** Who is signed in. */
export const earlyMe = early(signal => client.me(options(signal)))
/** Both lanes' figures. */
export const earlyLanes = early(signal => client.queue(options(signal)))
/** The workers. */
export const earlyWorkers = early(signal => client.workers(options(signal)))
/** The first of each lane's line: the live tasks take them, and the list goes on from them. */
export const earlyLines = {
  fast: early(signal => client.waiting("fast", { limit: perPage.line }, options(signal)), 2),
  deep: early(signal => client.waiting("deep", { limit: perPage.line }, options(signal)), 2),
}
/** The newest tasks, however they stand. */
export const earlyNewest = early(signal => client.tasks({ limit: perPage.newest }, options(signal)))
/** The first tasks that run, and that need a person. */
export const earlyOpen = {
  waiting: early(signal => client.tasks({ status: "waiting", limit: perPage.status }, options(signal))),
  running: early(signal => client.tasks({ status: "running", limit: perPage.status }, options(signal))),
}

/**
 * Asks for what the view at an address needs, while the browser still reads the page's code. Nobody is signed in where one signs in;
 * elsewhere a refusal is the one that whoever takes it would have got.
 */
export const beginEarly = (path: string): void => {
  if (path === "/sign-in") return
  earlyMe.begin()
  const queue = [
    earlyLanes,
    earlyOpen.running,
    earlyOpen.waiting,
    earlyLines.deep,
    earlyLines.fast,
    earlyNewest,
    earlyWorkers,
  ]
  if (path === "/") for (const each of queue) each.begin()
}
