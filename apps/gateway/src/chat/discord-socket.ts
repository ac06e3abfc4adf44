import {
  type DiscordAccess,
  DiscordSession,
  type DiscordSocketEnd,
  findDiscordGateway,
  holdDiscordSocket,
  readSpoken,
} from "@twolane/chat"
import { derive, sleep } from "@twolane/common"
import type { Lease } from "@twolane/store"
import type { Gateway } from "../gateway.ts"
import { spokenId } from "./discord-spoken.ts"

/** The gateway that holds the socket keeps it from the others; of one that died it is free after this. */
const leaseMs = 15_000
const renewEveryMs = 4_000
const lookEveryMs = 2_000
const firstWaitMs = 1_000
/** A new session is at most so often begun: Discord allows a thousand a day. */
const longestWaitMs = 120_000
/** A connection that held for so long was a good one: the next is opened at once. */
const steadyMs = 10_000
/** What a fault in the settings or at Discord's portal waits for its mend. */
const mendWaitMs = 600_000

/** What is said in channels and threads, and what it says (Discord gives that to applications that asked for it). */
const listening = 1 << 9
const reading = 1 << 15
/** The application did not ask for an intent that it names. */
const disallowed = 4014

/**
 * Hears what people write in Discord, in one gateway of all: a session is taken up where it was left, here or by the next one, and each message
 * is in the inbox before Discord is told that it was heard.
 */
export const startDiscordSocket = (gateway: Gateway, access: DiscordAccess): AsyncDisposable => {
  const running = listen(gateway, access).catch((error: unknown) => {
    if (!gateway.stopping.aborted) gateway.log.error({ error }, "Discord is not heard any more")
  })
  return { [Symbol.asyncDispose]: () => running }
}

const listen = async (gateway: Gateway, access: DiscordAccess): Promise<void> => {
  const { store, log, stopping } = gateway
  const lease = store.lease("discord-socket", leaseMs)
  const tries: Tries = { intents: listening | reading, failures: 0 }
  while (!stopping.aborted) {
    let waitMs = lookEveryMs
    try {
      if (await lease.renew()) waitMs = await holdOnce(gateway, { access, lease, tries })
    } catch (error) {
      if (!stopping.aborted) log.debug({ error }, "Discord's socket was not looked at")
    }
    await sleep(waitMs, stopping).catch(() => {})
  }
  await lease.release().catch((error: unknown) => log.debug({ error }, "a lease runs out by itself"))
}

type Tries = { intents: number; failures: number }
type Holding = { access: DiscordAccess; lease: Lease; tries: Tries }

/** Holds one connection while the lease lasts; answers how long the next one waits. */
const holdOnce = async (gateway: Gateway, { access, lease, tries }: Holding): Promise<number> => {
  const found = await findDiscordGateway(access, gateway.stopping)
  if (!found.ok) return found.why === "limited" ? found.retryAfterMs : failed(gateway, tries, found.error)
  using held = derive(gateway.stopping)
  const renewing = setInterval(() => {
    const lost = () => held.abort({ by: "superseded" })
    lease.renew().then(
      own => own || lost(),
      () => lease.held() || lost(),
    )
  }, renewEveryMs)
  const openedAt = performance.now()
  try {
    const end = await holdDiscordSocket(
      {
        url: found.url,
        token: access.token,
        intents: tries.intents,
        session: sessionOf(await lease.place()),
        onEvent: (type, data, { me }) => keep(gateway, type, data, me),
        onSession: session => lease.setPlace(JSON.stringify(session)),
      },
      held.signal,
    )
    if (gateway.stopping.aborted) return 0
    if (end.next === "identify" && lease.held()) await lease.setPlace("")
    return afterEnd(gateway, tries, { end, heldMs: performance.now() - openedAt })
  } finally {
    clearInterval(renewing)
  }
}

const sessionOf = (place: string | null): DiscordSession | null =>
  place === null || place === "" ? null : (DiscordSession.safeParse(JSON.parse(place)).data ?? null)

type Ended = { end: DiscordSocketEnd; heldMs: number }

const afterEnd = (gateway: Gateway, tries: Tries, { end, heldMs }: Ended): number => {
  const { log } = gateway
  if (end.next !== "never") {
    if (!end.ready || heldMs < steadyMs) return failed(gateway, tries, end.why)
    log.info({ why: end.why }, "Discord's socket is opened again")
    tries.failures = 0
    return 0
  }
  if (end.code === disallowed && tries.intents !== listening) {
    log.warn(
      "Discord gives only messages that mention the bot: switch on its Message Content Intent to answer in threads without",
    )
    tries.intents = listening
    return 0
  }
  log.error(
    { code: end.code },
    "Discord does not let us hear what is written; slash commands and buttons work",
  )
  return mendWaitMs
}

const failed = ({ log }: Gateway, tries: Tries, error: string): number => {
  tries.failures += 1
  log.warn({ error, failures: tries.failures }, "Discord's socket did not hold")
  return Math.min(longestWaitMs, firstWaitMs * 2 ** (tries.failures - 1)) * (0.75 + Math.random() / 2)
}

/**
 * Keeps what was said to us: with a mention, or in a task's thread. Most of what people write is nothing for us, and is not kept.
 * @throws Fault store-unavailable
 */
const keep = async ({ store }: Gateway, type: string, data: unknown, me: string): Promise<void> => {
  const spoken = readSpoken(type, data, me)
  if (spoken === null) return
  const { workspace, channel, mentioned } = spoken
  const place = { platform: "discord", workspace, channel, thread: channel } as const
  const task = await store.chat.taskIn(place)
  if (!mentioned && task === null) return
  const talk = task === null ? null : await store.chat.talk(task)
  // In line with the commands and clicks of the same thread.
  const conversation = talk === null ? `${channel}/` : `${talk.channel}/${channel}`
  const raw = Buffer.from(JSON.stringify(spoken))
  const kept = await store.inbox.put("discord", { id: spokenId(spoken), conversation, headers: {}, raw })
  if (kept === "full") throw new Error("too much waits to be worked")
}
