import { hash } from "node:crypto"
import {
  type Card,
  cardOf,
  endCard,
  gateCard,
  groupCard,
  type Place,
  type Posted,
  readFacts,
  statusCard,
  text,
} from "@twolane/chat"
import { whyNoPulls } from "@twolane/github"
import { firstOfGroup } from "@twolane/protocol"
import type { ChatRow, RowSettled, TakenRow, Talk, TaskRef } from "@twolane/store"
import type { Gateway } from "../gateway.ts"
import { presentGroup, presentTask } from "../present.ts"
import { isWithin } from "./changes.ts"
import type { Surface } from "./surface.ts"

/** An edited message rests so long: platforms allow about one a second, and the last state always comes. */
const restMs = 1_200
/** A message whose thread is not there yet waits for it. */
const threadWaitMs = 500
const firstWaitMs = 1_000
const longestWaitMs = 60_000
/** What could not be sent within a day is given up. */
const mostAgeMs = 86_400_000
/** Where nobody can look whether a message arrived, it is posted once more, marked, and never a third time. */
const mostPosts = 2

/** What came of a try: the message as it is now known, when it goes on, and how long its platform wants to be left alone. */
export type Tried = { row: ChatRow; settled: RowSettled; leaveAloneMs?: number }

type Sending = { gateway: Gateway; surface: Surface; triedAt: number | null; signal: AbortSignal }

/**
 * Sends a message as it is now: posts it, or edits it where it says something else. Whoever finds that an earlier try may have posted it looks for it
 * first. @throws the signal's reason; Fault store-unavailable
 */
export const sendRow = async (
  gateway: Gateway,
  surface: Surface,
  { row, triedAt }: TakenRow,
  signal: AbortSignal,
): Promise<Tried> => {
  const sending: Sending = { gateway, surface, triedAt, signal }
  const target = await targetOf(sending, row)
  if (target === "gone") return done({ ...row, error: "its task is gone" })
  if (target === "no-thread") return later(sending, row, { why: "limited", retryAfterMs: threadWaitMs })
  const card = await cardFor(sending, row)
  if (card === null) return done({ ...row, error: "its task is gone" })
  const shown = hash("sha256", JSON.stringify(card), "base64url").slice(0, 22)
  if (row.to.kind === "aside") return answer(sending, row, card)
  const found = row.sentAs === undefined && triedAt !== null ? await find(sending, row, target.place) : row
  if (!("id" in found)) return later(sending, row, found)
  return found.sentAs === undefined
    ? post(sending, found, { ...target, card, shown })
    : edit(sending, found, { ...target, card, shown })
}

type Target = { place: Place; talk: Talk | null }

const targetOf = async ({ gateway }: Sending, row: ChatRow): Promise<Target | "gone" | "no-thread"> => {
  const { to, platform, about } = row
  if (to.kind === "thread") {
    const { channel, thread } = to
    return {
      talk: null,
      place: { platform, workspace: "", channel, ...(thread === undefined ? {} : { thread }) },
    }
  }
  if (to.kind === "aside") return { talk: null, place: { platform, workspace: "", channel: "" } }
  const talk = about === undefined ? null : await threadedTalk(gateway, about)
  if (talk === null) return "gone"
  if (talk.thread === undefined && (row.say.kind !== "status" || isWithin(talk))) return "no-thread"
  const { workspace, channel, thread } = talk
  return { talk, place: { platform, workspace, channel, ...(thread === undefined ? {} : { thread }) } }
}

/** A conversation; that of a further candidate has the first one's thread. */
const threadedTalk = async ({ store }: Gateway, about: TaskRef): Promise<Talk | null> => {
  const talk = await store.chat.talk(about)
  if (talk?.group === undefined || talk.thread !== undefined || !isWithin(talk)) return talk
  const first = await store.chat.talk({ team: talk.team, task: firstOfGroup(talk.group) })
  return first?.thread === undefined ? talk : { ...talk, thread: first.thread }
}

const cardFor = async ({ gateway, surface }: Sending, { say, about }: ChatRow): Promise<Card | null> => {
  if (say.kind === "text") return cardOf([text(say.text)])
  const state = about === undefined ? null : await gateway.store.read(about)
  if (about === undefined || state === null) return null
  const { store, config } = gateway
  const [task, facts, repo] = await Promise.all([
    presentTask(gateway, state),
    store.chat.facts(about),
    say.kind === "end" ? store.repo(about.team, state.repo) : null,
  ])
  const { publicUrl } = config
  const told = {
    task,
    facts: readFacts(facts),
    url: publicUrl === null ? null : `${publicUrl}/tasks/${task.id}`,
    markup: surface.markup,
    pulls: repo !== null && whyNoPulls(config.github, repo) === null,
  }
  if (say.kind === "status") return statusCard(told)
  if (say.kind === "group") return groupCard(told, await presentGroup(gateway, state))
  return say.kind === "end" ? endCard(told, say.turn) : gateCard(told, say.gate)
}

type Failed = Extract<Posted, { ok: false }>
type Failing =
  | { why: "limited"; retryAfterMs: number }
  | { why: "unsure"; error: string }
  | { why: "refused"; error: string }
type Shown = Target & { card: Card; shown: string }

const find = async (
  { surface, triedAt, signal }: Sending,
  row: ChatRow,
  place: Place,
): Promise<ChatRow | Failed> => {
  const found = await surface.poster.find(place, row.id, triedAt ?? row.createdAt, signal)
  if (found.ok) return found.sentAs === null ? row : { ...row, sentAs: found.sentAs }
  // Nobody may look: it is posted once more, and says so.
  return found.why === "refused" ? { ...row, posts: Math.max(1, row.posts) } : found
}

const post = async (sending: Sending, row: ChatRow, { place, talk, card, shown }: Shown): Promise<Tried> => {
  const { surface, signal } = sending
  if (row.posts >= mostPosts)
    return done({ ...row, error: "it may have been posted twice, and is not tried again" })
  const again = row.posts > 0 ? { again: true } : {}
  const posted = await surface.poster.post(place, { key: row.id, card, ...again }, signal)
  if (!posted.ok) {
    // An answer that is late may still become a message, which looking for it would not see yet.
    const late = posted.why === "unsure" && posted.late === true
    return later(sending, late ? { ...row, posts: row.posts + 1 } : row, posted)
  }
  const sent = { ...row, sentAs: posted.sentAs, failures: 0 }
  // The thread before the message: whoever finds the message sent finds its thread.
  const threaded = await keepThread(sending, talk, posted.sentAs)
  return threaded.ok ? done({ ...sent, shown }) : later(sending, sent, threaded)
}

const edit = async (sending: Sending, row: ChatRow, { place, talk, card, shown }: Shown): Promise<Tried> => {
  const { surface, signal } = sending
  const { sentAs = "" } = row
  const threaded = await keepThread(sending, talk, sentAs)
  if (!threaded.ok) return later(sending, row, threaded)
  if (row.shown === shown) return done(row)
  const edited = await surface.poster.edit(place, sentAs, { key: row.id, card }, signal)
  return edited.ok ? done({ ...row, shown, failures: 0 }) : later(sending, row, edited)
}

/** A conversation that begins with its first message has its thread there. */
const keepThread = async (
  { gateway, surface, signal }: Sending,
  talk: Talk | null,
  message: string,
): Promise<Posted> => {
  if (talk === null || talk.thread !== undefined) return { ok: true, sentAs: message }
  const name = (await gateway.store.read(talk))?.title ?? talk.task
  // People see a thread, and write in it, before we hear that it is open.
  await gateway.store.chat.expectThread(talk, message)
  const opened = await surface.openThread?.({ channel: talk.channel, message, name }, signal)
  if (opened?.ok === false) return opened
  await gateway.store.chat.setThread(talk, message)
  return { ok: true, sentAs: message }
}

const answer = async (sending: Sending, row: ChatRow, card: Card): Promise<Tried> => {
  const { surface, signal } = sending
  const to = row.to.kind === "aside" ? row.to.to : ""
  const again = row.posts > 0 ? { again: true } : {}
  if (row.posts >= mostPosts)
    return done({ ...row, error: "it may have arrived twice, and is not tried again" })
  const posted = await surface.poster.answer(
    { platform: row.platform, to },
    { key: row.id, card, ...again },
    signal,
  )
  if (posted.ok) return done({ ...row, sentAs: posted.sentAs, failures: 0 })
  return later(sending, posted.why === "unsure" ? { ...row, posts: row.posts + 1 } : row, posted)
}

const done = (row: ChatRow): Tried => ({ row, settled: { dueAt: null, restMs, unsure: false } })

/** A try that did not do it: it comes again, later each time, unless its platform refused it or it is too old. */
const later = ({ gateway, triedAt }: Sending, row: ChatRow, failed: Failing): Tried => {
  const now = gateway.store.now()
  if (failed.why === "limited") {
    const { retryAfterMs } = failed
    return {
      row,
      settled: { dueAt: now + retryAfterMs, restMs: 0, unsure: triedAt !== null },
      ...(retryAfterMs > threadWaitMs ? { leaveAloneMs: retryAfterMs } : {}),
    }
  }
  const { error } = failed
  if (failed.why === "refused" || now - row.createdAt > mostAgeMs) {
    gateway.log.warn({ row: row.id, error }, "a message to a chat was not sent")
    return done({ ...row, error })
  }
  const failures = row.failures + 1
  const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1)) * (0.9 + Math.random() / 5)
  return {
    row: { ...row, failures, error },
    settled: { dueAt: Math.round(now + waitMs), restMs: 0, unsure: row.sentAs === undefined },
  }
}
