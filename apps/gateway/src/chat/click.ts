import type { Incoming } from "@twolane/chat"
import { groupOfFirst } from "@twolane/protocol"
import { type Asking, ask, askForTask, askTo, pathOf } from "../inside/asking.ts"
import { startTurn } from "../inside/start-turn.ts"
import { actingAs } from "./acting.ts"
import { diffWords } from "./diff-words.ts"
import { runningTurn } from "./go-on.ts"
import type { Known } from "./handle.ts"
import { orRefusal } from "./refusal.ts"

type Clicked = Extract<Incoming, { kind: "click" }>

/** Does what a button asks for, with the rights of whoever clicked. A click that comes again, or too late, says what is true instead. */
export const actOnClick = async (known: Known, clicked: Clicked): Promise<void> => {
  const { surface, say } = known
  const { channel, thread } = clicked.place
  const to = {
    channel,
    ...(thread === undefined ? {} : { thread }),
    ...(clicked.aside === undefined ? {} : { aside: clicked.aside }),
  }
  const answered = await orRefusal(surface.markup, () =>
    actingAs(known, known, asking => acts[clicked.click.verb](known, asking, clicked)),
  )
  if ("refused" in answered) {
    const already = answered.code === "gate-decided" ? "It is decided already. " : ""
    return say(to, `${already}${answered.refused}`)
  }
  if (answered.done !== null) return say(to, answered.done)
}

/** What was done, for whoever clicked; null where the task's messages say it. */
type Act = (known: Known, asking: Asking, clicked: Clicked) => Promise<string | null>

const post = (known: Known, asking: Asking, url: string, body: unknown): Promise<unknown> =>
  askTo(asking, { url, body, idempotencyKey: `chat-${known.delivery}` })

const tooLate = "That turn is over. The newest message has the buttons that hold now."

const decide =
  (decision: "allow" | "deny"): Act =>
  async (known, asking, { click }) => {
    await post(known, asking, pathOf(click.task, `/gates/${click.about}`), { decision })
    return null
  }

const deliver =
  (how: "push" | "pull_request"): Act =>
  async (known, asking, { click }) => {
    const task = await askForTask(asking, click.task)
    if (task.review === "accepted") return "It is accepted already."
    const head = task.reviewHead
    if (head?.startsWith(click.about) !== true)
      return "That message shows another change than the task has now."
    await post(known, asking, pathOf(click.task, "/accept"), { how, head })
    const branch = known.surface.markup.code(task.branch)
    return how === "push" ? `Accepted: ${branch} is pushed.` : `Accepted: ${branch} has a pull request.`
  }

const acts: Record<Clicked["click"]["verb"], Act> = {
  allow: decide("allow"),
  deny: decide("deny"),
  steer: async (known, asking, { click, place, trigger }) => {
    const running = runningTurn(await askForTask(asking, click.task))
    if (running?.id !== click.about) return tooLate
    const about = { task: click.task, turn: click.about, channel: place.channel, thread: place.thread ?? "" }
    const opened =
      trigger !== undefined && (await known.surface.openForm(trigger, about, known.gateway.ending))
    return opened ? null : "Write your note in the thread: while the turn runs it goes to its agent."
  },
  interrupt: async (known, asking, { click }) => {
    if (runningTurn(await askForTask(asking, click.task))?.id !== click.about) return tooLate
    await post(known, asking, pathOf(click.task, "/interrupt"), {})
    return null
  },
  cancel: async (known, asking, { click }) => {
    await post(known, asking, pathOf(click.task, "/cancel"), {
      reason: `clicked in ${known.person.platform}`,
    })
    return null
  },
  "cancel-all": async (known, asking, { click }) => {
    await post(known, asking, `/v1/groups/${groupOfFirst(click.task)}/cancel`, {
      reason: `clicked in ${known.person.platform}`,
    })
    return null
  },
  "hand-off": async (known, asking, { click }) => {
    const running = runningTurn(await askForTask(asking, click.task))
    if (running?.id !== click.about) return tooLate
    const lane = running.lane === "fast" ? "deep" : "fast"
    const url = pathOf(click.task, "/turns?onDisconnect=continue")
    const body = { prompt: running.prompt, lane, interrupt: true }
    await startTurn(asking, { url, body, idempotencyKey: `chat-${known.delivery}` })
    return null
  },
  retry: async (known, asking, { click }) => {
    if ((await askForTask(asking, click.task)).turns.at(-1)?.id !== click.about) return tooLate
    await post(known, asking, pathOf(click.task, "/retry"), {})
    return null
  },
  accept: deliver("push"),
  "pull-request": deliver("pull_request"),
  diff: async ({ surface, gateway }, asking, { click }) => {
    const { body } = await ask(asking, { method: "GET", url: pathOf(click.task, "/diff") })
    const { publicUrl } = gateway.config
    return diffWords(surface.markup, body, publicUrl === null ? null : `${publicUrl}/tasks/${click.task}`)
  },
}
