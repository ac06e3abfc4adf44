import type { Lane } from "@twolane/protocol"
import { keyCalls } from "./access/keys.ts"
import { sessionCalls } from "./access/sessions.ts"
import { queueApi, repoApi, streamApi, taskApi } from "./api.ts"
import { openArchive } from "./archive/archive.ts"
import { archiveCalls } from "./archive/calls.ts"
import { makeAppend } from "./audit/append.ts"
import { makeChain } from "./audit/chain.ts"
import { auditReads } from "./audit/read.ts"
import { peopleCalls } from "./chat/people.ts"
import { talkCalls } from "./chat/talks.ts"
import { type Connections, makeConnections } from "./connections.ts"
import type { Context } from "./context.ts"
import { diskCalls } from "./disk/disk.ts"
import { makeHub } from "./follow/hub.ts"
import { idempotencyCalls } from "./idempotency.ts"
import { inboxCalls } from "./inbox/inbox.ts"
import { leaseKey, upkeepLeaseKey } from "./keys.ts"
import { countWrites } from "./kpis/record.ts"
import { makeLease } from "./lease/lease.ts"
import type { StoreOptions } from "./options.ts"
import type { Store } from "./port.ts"
import { addOp } from "./queue/outbox.ts"
import type { Picker } from "./queue/picker.ts"
import { openTickets, type Tickets } from "./queue/tickets.ts"
import { checkRedis } from "./redis/check.ts"
import { makeClock } from "./redis/clock.ts"
import { type Client, isClusterUrl } from "./redis/connect.ts"
import { withDeadline } from "./redis/deadline.ts"
import { loadScripts, scriptRunner } from "./redis/script.ts"
import { makeQueueAhead } from "./settle/ahead.ts"
import { gatherRows } from "./settle/queue.ts"
import { makeSettle, type Settling } from "./settle/settle.ts"
import { releaseAfter } from "./task/after.ts"
import { type CreateParts, createMany } from "./task/create.ts"
import { makeGroups } from "./task/group.ts"
import { makeCrypt } from "./team/crypt.ts"
import { makeRepoHosts } from "./team/repos.ts"
import { every } from "./timer.ts"
import { effectLane, requeue } from "./upkeep/repair.ts"
import { makePickers, startUpkeep, type UpkeepParts } from "./upkeep/upkeep.ts"
import { hookCalls } from "./webhooks/hooks.ts"
import { messageCalls } from "./webhooks/messages.ts"
import { type MakeTicketWorker, makeTicketWorker } from "./worker/tickets.ts"
import { startWorker, type WorkerParts } from "./worker/worker.ts"

const defaultTiming = { leaseMs: 10_000, beatMs: 1_000, fenceMs: 6_000 }
const defaultPerRepo = 2
const clockEveryMs = 30_000
/** How long the upkeep stays with a process that says nothing. */
const upkeepLeaseMs = 3_000

/** What a store reaches the world by: Redis, and BullMQ for the tickets. The simulation brings its own. */
export type Outside = {
  connections: Connections
  openTickets: (context: Context) => Tickets
  makeTicketWorker: MakeTicketWorker
}

/**
 * Opens the store of this process. @throws Fault store-unavailable when Redis does not answer; Error for a secret key that is none.
 */
export const openStore = (options: StoreOptions): Promise<Store> =>
  openStoreOn(options, { connections: makeConnections(options), openTickets, makeTicketWorker })

/** As `openStore`, over any outside; it closes the outside's connections when it is disposed. */
export const openStoreOn = async (options: StoreOptions, outside: Outside): Promise<Store> => {
  const crypt = makeCrypt(options.secretKey)
  const chain = makeChain(options.secretKey)
  const { connections } = outside
  try {
    const client = connections.open("store", "fail-fast")
    const { context, sync } = await makeContext(options, client)
    const parts = wire(context, outside)
    const syncing = every(clockEveryMs, { name: "clock", run: sync, onError: options.onError })
    return {
      now: context.now,
      check: () => checkRedis(client, options.url),
      ping: async () => void (await withDeadline(client.ping())),
      ...taskApi(context, parts),
      ...streamApi(context, parts.hub),
      ...queueApi(context, parts),
      ...repoApi(context, parts.flush, crypt),
      ...idempotencyCalls(context),
      lease: (name, leaseMs) => makeLease(context, leaseKey(name), leaseMs),
      archive: archiveCalls(context),
      disk: diskCalls(context),
      audit: { append: makeAppend(context, chain, options.auditKept), ...auditReads(context, chain) },
      access: { ...keyCalls(context), ...sessionCalls(context) },
      inbox: inboxCalls(context, parts.hub),
      webhooks: { ...hookCalls(context, crypt, parts.flush), ...messageCalls(context, parts.hub) },
      chat: { ...peopleCalls(context), ...talkCalls(context, parts.hub, parts.flush) },
      startUpkeep: () => startUpkeep(context, parts, parts.pickers),
      startWorker: worker => startWorker(context, workerParts(context, outside, parts), worker),
      [Symbol.asyncDispose]: async () => {
        await syncing[Symbol.asyncDispose]()
        await parts.flush()
        await parts.tickets[Symbol.asyncDispose]()
        await connections.close()
      },
    }
  } catch (error) {
    await connections.close()
    throw error
  }
}

const makeContext = async (options: StoreOptions, client: Client) => {
  const clock = makeClock(client)
  await clock.sync()
  const context: Context = {
    client,
    run: scriptRunner(client, loadScripts()),
    now: clock.now,
    timing: options.timing ?? defaultTiming,
    models: options.models === undefined ? null : new Set(options.models),
    perRepo: options.perRepo ?? defaultPerRepo,
    cluster: isClusterUrl(options.url),
    knownTeams: new Set(),
    archive: options.archive === undefined ? null : openArchive(options.archive),
    onError: options.onError,
  }
  // A Redis that comes back may have lost its data.
  client.on("ready", () => context.knownTeams.clear())
  return { context, sync: clock.sync }
}

type Parts = UpkeepParts & Settling & CreateParts & { pickers: Record<Lane, Picker> }

const wire = (context: Context, { connections, openTickets: openSending }: Outside): Parts => {
  const hub = makeHub(connections.open("subscriber", "wait"), context.onError)
  const tickets = openSending(context)
  const lease = makeLease(context, upkeepLeaseKey, upkeepLeaseMs)
  const repoHost = makeRepoHosts(context)
  const queue = { repoHost, picksHere: lease.held, poke: (lane: Lane) => pickers[lane].poke() }
  const sendRows = gatherRows(context, queue)
  const { settle, flush } = makeSettle(context, sendRows, {
    ...queue,
    count: writes => countWrites(context, writes),
    announceEffect: async ({ ref, effect }, host) => {
      if (effect !== undefined) await addOp(context, effectLane, { ref, op: effect.op }, host)
    },
    release: writes => releaseAfter(context, settle, writes),
    judgeGroup: ({ ref, after }) => groups.judge(ref, after.group),
  })
  const picker = (lane: Lane) => pickers[lane]
  const creating: CreateParts = {
    settle,
    quiet: lane => pickers[lane].quiet(),
    queueAhead: makeQueueAhead(context, { ...queue, tickets, picker, sendRows }),
    requeue: state => requeue(context, parts, state),
  }
  const groups = makeGroups(context, {
    settle,
    createMany: tasks => createMany(context, creating, tasks),
  })
  const parts: UpkeepParts = { hub, tickets, lease, repoHost, settle, groups }
  const pickers = makePickers(context, parts)
  return { ...parts, ...creating, flush, pickers }
}

const workerParts = (context: Context, outside: Outside, parts: Parts): WorkerParts => {
  const { connections } = outside
  const beatClient = connections.open("beat", "fail-fast")
  const ticketClient = connections.open("tickets", "wait")
  return {
    ...parts,
    beat: { ...context, client: beatClient, run: scriptRunner(beatClient, loadScripts()) },
    takeTickets: (at, serve) => outside.makeTicketWorker(context, { ...at, client: ticketClient }, serve),
    closeConnections: async () => {
      await connections.close(beatClient)
      await connections.close(ticketClient)
    },
  }
}
