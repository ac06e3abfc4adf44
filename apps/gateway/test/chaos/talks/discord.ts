import { setTimeout as sleep } from "node:timers/promises"
import type { Task } from "@twolane/protocol"
import {
  type DiscordDouble,
  type DiscordMessage,
  type DiscordRequest,
  discordApplication,
  discordClick,
  discordCommand,
  discordPublicKey,
  discordToken,
  signDiscord,
  startDiscord,
} from "@twolane/testkit/chat/discord-double"
import { discordBot } from "@twolane/testkit/chat/discord-gateway-double"
import type { Scene } from "../person.ts"
import { untilAcknowledged } from "./acknowledged.ts"
import {
  checkTwice,
  faultsOfShown,
  linkSpeaker,
  type Platform,
  type Shown,
  type Talk,
  until,
} from "./talk.ts"

/** A Discord on which one person speaks, each time in a channel of its own. */
export type ChaosDiscord = Platform & { double: DiscordDouble }

const server = "400000000000000001"
const user = "500000000000000001"

/** Starts it. */
export const startChaosDiscord = async (): Promise<ChaosDiscord> => {
  const double = await startDiscord()
  return {
    double,
    env: {
      TWOLANE_DISCORD_PUBLIC_KEY: discordPublicKey,
      TWOLANE_DISCORD_BOT_TOKEN: discordToken,
      TWOLANE_DISCORD_APPLICATION_ID: discordApplication,
      TWOLANE_DISCORD_API_URL: double.url,
    },
    link: async caller => {
      await linkSpeaker(caller, { platform: "discord", workspace: server, user })
      await untilHeard(double)
    },
    begin: scene => beginTalk(double, scene),
    count: () => double.messages.length,
    check: ended => [
      ...checkTwice(double.messages.map(shown)),
      ...ended.flatMap(({ story: { errand }, task }) =>
        errand.does === "discord"
          ? faultsOf(double, channelOf(errand.task), task).map(fault => `${task.id} (Discord): ${fault}`)
          : [],
      ),
    ],
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  }
}

/** What was said before there was a session is heard by nobody, there as at Discord: from the first answer on the session is known. */
const untilHeard = async ({ gateway, messages }: DiscordDouble): Promise<void> => {
  const channel = channelOf(0)
  while (!messages.some(each => each.channel === channel)) {
    if (gateway.connected() > 0) gateway.write({ user, channel, text: `<@${discordBot}> help` })
    await sleep(1_000)
  }
}

/** Orders by a mention or the slash command, and says more by a message or the command in the thread: what one in four does. */
const beginTalk = (double: DiscordDouble, scene: Scene): Talk => {
  const { errand } = scene.story
  const channel = channelOf(errand.task)
  const byCommand = errand.afterMs % 4 < 2
  let said = 0
  const tokenOf = (count: number) => `${errand.task}-${count}`
  const command = (words: string, thread?: string) => {
    const place = { user, channel, token: tokenOf(++said), ...(thread === undefined ? {} : { thread }) }
    return acknowledged(scene, discordCommand(place, words))
  }
  const write = async (where: string, text: string) => {
    double.gateway.write({ user, channel: where, text })
    // Whoever listens just then: what it heard and did not keep, the next one hears again.
    return scene.random.one(scene.fleet.gateways)
  }
  // Nobody writes in a thread that is not there.
  const root = () =>
    statusOf(double, channel).find(({ id }) => double.threads.some(({ message }) => message === id))
  return {
    order: (prompt, lane) => {
      const words = `in ${errand.repo}, ${lane}: ${prompt}`
      return byCommand ? command(words) : write(channel, `<@${discordBot}> ${words}`)
    },
    more: prompt => {
      const thread = root()?.id ?? ""
      return byCommand ? write(thread, `deep: ${prompt}`) : command(`deep: ${prompt}`, thread)
    },
    find: async () => /\/tasks\/(task_\w+)/.exec(wordsOf(root()))?.[1] ?? null,
    refusal: () => {
      const aside = double.asides.find(({ token, text }) => token === tokenOf(1) && /fast worker/.test(text))
      const answer = double.messages.find(
        each => each.channel === channel && !hasField(each, "Phase") && wordsOf(each).includes("worker"),
      )
      return aside?.text ?? (answer === undefined ? null : wordsOf(answer))
    },
    finish: async task => {
      if (errand.afterMs % 3 === 1) await accept(double, scene, task)
    },
    faults: task => faultsOf(double, channel, task),
  }
}

/** Discord itself sends an interaction once. It is sent again here, under its id, since one that nobody took must not be one that was lost. */
const acknowledged = (scene: Scene, request: DiscordRequest): Promise<string> =>
  untilAcknowledged(scene, "/integrations/discord", () => signDiscord(request.body))

const clickAgainMs = 4_000

/** Clicks *Accept* until the change is delivered: each click is one of its own, as of a person who sees nothing happen. */
const accept = async (double: DiscordDouble, scene: Scene, { id, status, review }: Task): Promise<void> => {
  if (status !== "succeeded" || review !== "open") return
  const { caller, story, random, fleet, signal } = scene
  const channel = channelOf(story.errand.task)
  const isAccepted = async () => ((await caller.task(id)).review === "accepted" ? true : null)
  const thread = statusOf(double, channel)[0]?.id ?? ""
  const button = () =>
    double.messages
      .filter(each => each.channel === thread)
      .flatMap(({ body }) => body.components.flatMap(({ components }) => components))
      .findLast(({ label }) => label === "Accept")?.custom_id ?? null
  for (let clicks = 1; (await isAccepted()) === null; clicks += 1) {
    const token = `${story.errand.task}-click-${clicks}`
    const { body, headers } = discordClick({ user, channel, thread, token }, await until(scene, button))
    const within = AbortSignal.any([signal, AbortSignal.timeout(clickAgainMs)])
    await fetch(`${random.one(fleet.gateways)}/integrations/discord`, {
      method: "POST",
      body,
      headers,
      signal: within,
    }).catch(() => null) // shown as failed: it is clicked again
    await sleep(clickAgainMs, undefined, { signal })
  }
}

const faultsOf = (double: DiscordDouble, channel: string, task: Task): string[] => {
  const status = statusOf(double, channel)
  const threads = new Set(status.map(({ id }) => id))
  const ends = double.messages.filter(each => threads.has(each.channel) && hasField(each, "Outcome"))
  const opened = double.threads.filter(each => each.channel === channel).length
  return [
    ...(opened === 1 ? [] : [`it has ${opened} threads`]),
    ...faultsOfShown(status.map(shown), ends.map(shown), task),
  ]
}

/** The channel in which a task of the plan is asked for. */
const channelOf = (task: number): string => String(600_000_000_000_000_000n + BigInt(task))

const statusOf = ({ messages }: DiscordDouble, channel: string): DiscordMessage[] =>
  messages.filter(each => each.channel === channel && hasField(each, "Phase"))

const hasField = ({ body }: DiscordMessage, wanted: string): boolean =>
  body.embeds.some(({ fields }) => fields.some(({ name }) => name === wanted))

const shown = (message: DiscordMessage): Shown => ({
  key: message.body.embeds[0]?.footer.text ?? message.id,
  words: wordsOf(message),
})

const wordsOf = (message: DiscordMessage | undefined): string => JSON.stringify(message?.body.embeds ?? "")
