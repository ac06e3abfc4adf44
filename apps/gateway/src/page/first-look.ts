import { deadline, orAborted } from "@twolane/common"
import { type FirstLook, firstLookId, isFault, type QueueLook } from "@twolane/protocol"
import type { FastifyRequest } from "fastify"
import type { Gateway } from "../gateway.ts"
import { authenticate, type Caller } from "../http/auth.ts"
import { viewQueue, viewWorkers } from "../routes/queue.ts"
import { meOf } from "../routes/session.ts"
import { listTasks } from "../routes/tasks.ts"

/** More than a tall screen shows of any list; the page loads the rest once this is seen. */
const perList = 30
/** As many as one call of the list answers; a team has few. */
const mostRepos = 200
/** A page without its data asks for it itself: nobody waits longer than this for a Redis that is slow. */
const patienceMs = 1_000

/** Whether somebody who asks for a path may be signed in there. */
export const mayLook = ({ headers }: FastifyRequest, path: string): boolean =>
  headers.cookie !== undefined && path !== "/sign-in"

/** What somebody who is signed in sees first at a path; null for anybody else, and when it cannot be told now. */
export const firstLookOf = async (
  gateway: Gateway,
  request: FastifyRequest,
  path: string,
): Promise<FirstLook | null> => {
  using patience = deadline(patienceMs, gateway.ending)
  try {
    return await orAborted(look(gateway, request, path), patience.signal)
  } catch (error) {
    // The page is whole without it: it asks the routes, whose answers say what is wrong.
    const expected = isFault(error) || patience.signal.aborted
    gateway.log[expected ? "debug" : "error"]({ error }, "the page goes out without what it shows first")
    return null
  }
}

const look = async (gateway: Gateway, request: FastifyRequest, path: string): Promise<FirstLook | null> => {
  const caller = await authenticate(gateway, request)
  // A key that is sent along is no session of a browser.
  if (caller === null || caller.session === null) return null
  return { me: meOf(caller), queue: path === "/" ? await queueOf(gateway, caller) : null }
}

const queueOf = async (gateway: Gateway, caller: Caller): Promise<QueueLook> => {
  const { store } = gateway
  const { team } = caller
  const page = { limit: perList }
  const [lanes, workers, repos, running, waiting, fast, deep, newest] = await Promise.all([
    viewQueue(gateway, caller),
    viewWorkers(gateway, team),
    store.repos(team, { limit: mostRepos }),
    listTasks(gateway, team, { status: "running" }, page),
    listTasks(gateway, team, { status: "waiting" }, page),
    store.waiting(team, "fast", page),
    store.waiting(team, "deep", page),
    listTasks(gateway, team, {}, page),
  ])
  return { lanes, workers, repos, running, waiting, lines: { fast, deep }, newest }
}

/** It as a block of data, which no policy of scripts concerns: nothing in it can end the block or begin a tag. */
export const firstLookBlock = (look: FirstLook): string =>
  `<script type="application/json" id="${firstLookId}">${JSON.stringify(look).replaceAll("<", "\\u003c")}</script>`
