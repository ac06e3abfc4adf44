import type { Task } from "@twolane/protocol"
import {
  type Mishap,
  type SlackDouble,
  type SlackMessage,
  type SlackRequest,
  signSlack,
  slackMention,
  slackReply,
  slackSecret,
  slackToken,
  startSlack,
} from "@twolane/testkit/chat/slack-double"
import type { Scene } from "../person.ts"
import { untilAcknowledged } from "./acknowledged.ts"
import { checkTwice, faultsOfShown, linkSpeaker, type Platform, type Shown, type Talk } from "./talk.ts"

/** A Slack in which one person speaks. */
export type ChaosSlack = Platform & { double: SlackDouble }

const workspace = "T1"
const speaker = { user: "UMEM", channel: "C1" } as const

/** Starts it. */
export const startChaosSlack = async (): Promise<ChaosSlack> => {
  const double = await startSlack()
  return {
    double,
    env: {
      TWOLANE_SLACK_SIGNING_SECRET: slackSecret,
      TWOLANE_SLACK_BOT_TOKEN: slackToken,
      TWOLANE_SLACK_API_URL: double.apiUrl,
    },
    link: caller => linkSpeaker(caller, { platform: "slack", workspace, user: speaker.user }),
    begin: scene => beginTalk(double, scene),
    count: () => double.messages.length,
    check: ended => [
      ...checkTwice(double.messages.map(shown)),
      ...ended.flatMap(({ story: { errand }, task }) =>
        errand.does === "slack"
          ? faultsOf(double, threadOf(errand.task), task).map(fault => `${task.id} (Slack): ${fault}`)
          : [],
      ),
    ],
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  }
}

const beginTalk = (double: SlackDouble, scene: Scene): Talk => {
  const { errand } = scene.story
  const thread = threadOf(errand.task)
  const say = (request: SlackRequest) =>
    untilAcknowledged(scene, "/integrations/slack", () =>
      signSlack(request.body, request.headers["content-type"] ?? ""),
    )
  let asked = false
  return {
    order: (prompt, lane) => {
      // What is asked anew is a message of its own in the thread.
      const again = { thread, ts: `${thread.slice(0, -6)}9${thread.slice(-5)}` }
      const place = { ...speaker, ...(asked ? again : { ts: thread }) }
      asked = true
      return say(slackMention(place, `in ${errand.repo}, ${lane}: ${prompt}`))
    },
    more: prompt => say(slackReply({ ...speaker, thread }, `deep: ${prompt}`)),
    find: async () => /\/tasks\/(task_\w+)/.exec(wordsOf(of(double, thread, "status")[0]))?.[1] ?? null,
    refusal: () => of(double, thread, "say").map(({ blocks }) => JSON.stringify(blocks))[0] ?? null,
    faults: task => faultsOf(double, thread, task),
  }
}

const of = ({ messages }: SlackDouble, thread: string, kind: string): SlackMessage[] =>
  messages.filter(each => each.thread === thread && each.key?.startsWith(`slack/${kind}/`) === true)

const faultsOf = (double: SlackDouble, thread: string, task: Task): string[] =>
  faultsOfShown(of(double, thread, "status").map(shown), of(double, thread, "end").map(shown), task)

const shown = (message: SlackMessage): Shown => ({
  key: message.key ?? message.ts,
  words: wordsOf(message),
})

/** The thread in which a task of the plan is asked for. */
const threadOf = (task: number): string => `1797000000.${String(task).padStart(6, "0")}`

const wordsOf = (message: SlackMessage | undefined): string => JSON.stringify(message?.blocks ?? "")

/** What goes wrong with Slack's or Discord's answers. */
export const mishaps: readonly Mishap[] = [
  { after: "drop" },
  { after: "hang" },
  { instead: { status: 503 } },
  { instead: { status: 429, headers: { "retry-after": "1" } } },
]
