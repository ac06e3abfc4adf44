import { setTimeout as sleep } from "node:timers/promises"
import { outcomeWords } from "@twolane/common/words"
import type { Key, Task } from "@twolane/protocol"
import type { Caller } from "../caller.ts"
import type { Ended } from "../check-remote.ts"
import { promptFor, type Scene, watchToTheEnd } from "../person.ts"

/** One person's conversation about one task. What is acknowledged answers the gateway that did; null where a platform hears nothing of that. */
export type Talk = {
  order(prompt: string, lane: "fast" | "deep"): Promise<string | null>
  /** Asks for more where the task is. */
  more(prompt: string, task: Task): Promise<string | null>
  /** The task, as soon as it shows. */
  find(): Promise<string | null>
  /** Why the order was refused. */
  refusal(): string | null
  /** What the person does with what came of it. */
  finish?(task: Task): Promise<void>
  /** What the platform shows of the task as it is now, and should not, or does not, and should. */
  faults(task: Task): string[]
}

/** A double of a platform on which people ask for tasks. */
export type Platform = AsyncDisposable & {
  /** Settings of every process. */
  env: Readonly<Record<string, string>>
  /** Makes the person somebody in Twolane. */
  link(caller: Caller): Promise<void>
  begin(scene: Scene): Talk
  /** How many messages stand there. */
  count(): number
  /** What the platform and the logs say against each other. */
  check(ended: readonly Ended[]): string[]
}

const lookEveryMs = 200

/** Asks for a task, and in half of the cases for more of it; stays until all of it is told. */
export const playTalk = async (scene: Scene, platform: Platform): Promise<void> => {
  const { story, caller, signal } = scene
  const { errand } = story
  const talk = platform.begin(scene)
  story.task = await order(scene, talk)
  const { task } = story
  await watchToTheEnd(scene)
  if (errand.afterMs % 2 === 0) {
    killTaker(scene, await talk.more(promptFor(errand, 2), await caller.task(task)))
    await until(scene, async () => ((await caller.task(task)).turns.length > 1 ? true : null))
    await watchToTheEnd(scene)
  }
  await talk.finish?.(await caller.task(task))
  await watchToTheEnd(scene)
  const ended = await caller.task(task)
  await until(scene, () => (talk.faults(ended).length === 0 ? true : null))
  signal.throwIfAborted()
}

/** Says what is wanted; while no fast worker is there, the deep lane is asked, as the answer says. */
const order = async (scene: Scene, talk: Talk): Promise<string> => {
  const { errand } = scene.story
  const prompt = promptFor(errand, 1)
  killTaker(scene, await talk.order(prompt, errand.lane))
  const answer = await until(scene, async () => {
    const task = await talk.find()
    return task === null ? talk.refusal() : { task }
  })
  if (typeof answer === "object") return answer.task
  if (!/fast worker/.test(answer)) throw new Error(`it was refused: ${answer}`)
  await talk.order(prompt, "deep")
  return until(scene, () => talk.find())
}

/** Some gateways die as soon as they have acknowledged something. */
const killTaker = ({ fleet, story }: Scene, taker: string | null): void => {
  if (story.errand.afterMs % 3 !== 0 || taker === null) return
  const gateways = fleet.slots.filter(({ role }) => role === "gateway")
  gateways[fleet.gateways.indexOf(taker)]?.part.kill("SIGKILL")
}

/** Looks again and again. @throws when the run is over */
export const until = async <Found>(
  { signal }: Pick<Scene, "signal">,
  look: () => Found | null | Promise<Found | null>,
): Promise<Found> => {
  for (;;) {
    const found = await look()
    if (found !== null) return found
    await sleep(lookEveryMs, undefined, { signal })
  }
}

/** Makes somebody on a platform a member of the team. */
export const linkSpeaker = async (
  caller: Caller,
  who: { platform: "slack" | "discord"; workspace: string; user: string },
): Promise<void> => {
  const made = await caller.ask("POST", "/v1/keys", { name: `who speaks in ${who.platform}`, role: "member" })
  const said = await caller.ask("POST", "/v1/chat/links", { ...who, key: (made.body as Key).id })
  if (said.status !== 201) throw new Error(`no link: ${JSON.stringify(said.body)}`)
}

/** A message: what it is known by, and all that it says. */
export type Shown = { key: string; words: string }

/** What the messages that show a task, and those that tell of its turns' ends, say wrongly of it. */
export const faultsOfShown = (status: readonly Shown[], ends: readonly Shown[], task: Task): string[] => {
  const wrong: string[] = []
  const ended = new Set(ends.map(({ key }) => key)).size
  const { words = "" } = status.at(-1) ?? {}
  if (new Set(status.map(({ key }) => key)).size !== 1) wrong.push(`${status.length} messages show it`)
  if (ended !== task.turns.length)
    wrong.push(`${ended} messages say how one of its ${task.turns.length} turns ended`)
  if (!words.toLowerCase().includes(phaseOf(task)))
    wrong.push(`the message that shows it does not say ${phaseOf(task)}: ${words.slice(0, 300)}`)
  return wrong
}

/** The word by which a task that has ended is told of. */
export const phaseOf = ({ turns, status }: Task): string => {
  const outcome = turns.at(-1)?.outcome
  return outcome === undefined ? status : (outcomeWords(outcome).split(/\W/)[0] ?? "")
}

/** One message is there once; where nobody could tell whether it arrived, once more with a word about that. */
export const checkTwice = (messages: readonly Shown[]): string[] =>
  [...Map.groupBy(messages, ({ key }) => key)].flatMap(([key, same]) => {
    const [, second] = same
    if (second === undefined) return []
    const marked = second.words.includes("Sent again")
    return same.length === 2 && marked
      ? []
      : [`${same.length} times the message ${key}, the second ${marked ? "" : "not "}marked`]
  })
