import { hash } from "node:crypto"
import { helpWords, type Incoming, type Person, readAsk, unclearWords, unlinkedWords } from "@twolane/chat"
import type { ChatRow } from "@twolane/store"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import type { Caller } from "../http/auth.ts"
import { callerFor } from "./acting.ts"
import { actOnClick } from "./click.ts"
import { linkByCode, unlink, whoWords } from "./link.ts"
import { startTask } from "./order.ts"
import { answerReply, giveNote } from "./reply.ts"
import type { AnswerTo, Arrived, Surface } from "./surface.ts"

/** What every part of a conversation works with. */
export type Chatting = {
  gateway: Gateway
  app: App
  surface: Surface
  /** A short name of the delivery: whatever it causes has a name that follows from it, so that nothing is done twice. */
  delivery: string
  /** When it came in. */
  receivedAt: number
  person: Person
  /** Answers whoever spoke; once for each `name`. */
  say: (to: AnswerTo, text: string, name?: string) => Promise<void>
}

/** Somebody who is known. */
export type Known = Chatting & { caller: Caller }

/**
 * Does what came in from a platform. It may run again for the same delivery after a crash at any point.
 * @throws Fault store-unavailable and others, after which the delivery comes again
 */
export const handleIncoming = async (
  { gateway, app }: { gateway: Gateway; app: App },
  { surface, delivery: id, receivedAt, incoming }: Arrived,
): Promise<void> => {
  if (incoming.kind === "none") return
  const delivery = hash("sha256", `${surface.platform} ${id}`, "base64url").slice(0, 22)
  const person = incoming.by
  const chatting: Chatting = {
    gateway,
    app,
    surface,
    delivery,
    receivedAt,
    person,
    say: sayer(gateway, surface, delivery),
  }
  if (incoming.kind === "order") return handleOrder(chatting, incoming)
  if (incoming.kind === "reply") return handleReply(chatting, incoming)
  const caller = await callerFor(gateway, person)
  if (caller === null) return answerUnknown(chatting, answerTo(incoming))
  if (incoming.kind === "click") return actOnClick({ ...chatting, caller }, incoming)
  return giveNote({ ...chatting, caller }, incoming)
}

const handleOrder = async (
  chatting: Chatting,
  order: Extract<Incoming, { kind: "order" }>,
): Promise<void> => {
  const { gateway, surface, person, say, receivedAt: now } = chatting
  const { markup } = surface
  const to = answerTo(order)
  const caller = await callerFor(gateway, person)
  const channel = caller === null ? null : await gateway.store.chat.channel(caller.team, order.place)
  const ask = readAsk(order.text, { now, ...(channel === null ? {} : { repo: channel.repo }) })
  switch (ask.kind) {
    case "help":
      return say(to, helpWords(markup, surface))
    case "link":
      return say(to, await linkByCode(chatting, ask.code))
    case "unlink":
      return say(to, await unlink(chatting, caller))
    case "whoami":
      return caller === null ? answerUnknown(chatting, to) : say(to, whoWords(markup, caller))
    case "unclear":
      return caller === null ? answerUnknown(chatting, to) : say(to, unclearWords(markup, surface, ask))
    case "task":
      return caller === null ? answerUnknown(chatting, to) : startTask({ ...chatting, caller }, order, ask)
  }
}

/** In a thread that is no task's nobody speaks to us, unless they say so. */
const handleReply = async (
  chatting: Chatting,
  reply: Extract<Incoming, { kind: "reply" }>,
): Promise<void> => {
  const { gateway, person } = chatting
  const ref = await gateway.store.chat.taskIn(reply.place)
  if (ref === null) return reply.mentioned ? handleOrder(chatting, { ...reply, kind: "order" }) : undefined
  const caller = await callerFor(gateway, person)
  const to = answerTo(reply)
  // Once in a thread for each person: the others may go on talking.
  if (caller === null) {
    const once = hash("sha256", JSON.stringify([reply.place, person]), "base64url").slice(0, 22)
    return answerUnknown(chatting, to, `unknown/${once}`)
  }
  return answerReply({ ...chatting, caller }, ref, reply)
}

const answerTo = (incoming: Exclude<Incoming, { kind: "none" }>): AnswerTo => ({
  channel: incoming.place.channel,
  ...(incoming.place.thread === undefined ? {} : { thread: incoming.place.thread }),
  ...("aside" in incoming && incoming.aside !== undefined ? { aside: incoming.aside } : {}),
})

const answerUnknown = ({ say, surface, person }: Chatting, to: AnswerTo, name?: string): Promise<void> =>
  say(to, unlinkedWords(surface.markup, surface, person), name)

const sayer =
  ({ store }: Gateway, { platform }: Surface, delivery: string): Chatting["say"] =>
  async ({ aside, channel, thread }, text, name = delivery) => {
    const row: ChatRow = {
      id: `${platform}/say/${name}`,
      platform,
      to:
        aside === undefined
          ? { kind: "thread", channel, ...(thread === undefined ? {} : { thread }) }
          : { kind: "aside", to: aside.to },
      say: { kind: "text", text },
      createdAt: store.now(),
      failures: 0,
      posts: 0,
    }
    await store.chat.change([{ do: "make", row }])
  }
