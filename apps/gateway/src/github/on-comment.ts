import { readPull } from "@twolane/github"
import type { Repo, TaskState } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"
import {
  type Asked,
  actorOf,
  nonceOf,
  type Scene,
  startTask,
  startTurn,
  threadLabel,
  wasAsked,
} from "./acting.ts"
import type { GithubDelivery } from "./deliveries.ts"
import { taskOfBranch } from "./our-task.ts"
import { askedOf, promptOf, threadData } from "./prompt.ts"

type Said = Extract<GithubDelivery, { what: "comment" | "label" }>

/** What is to be done once it is known that whoever asked may; null: nothing was asked of us. */
export type Wish = (() => Promise<void>) | null

/** A mention, or the label: it starts a task with the issue as context, or goes on with the one that the issue has. */
export const onComment = async (scene: Scene<Said>, signal: AbortSignal): Promise<Wish> => {
  const { gateway, repo, place, delivery } = scene
  const asked = wordsOf(gateway, repo, delivery)
  if (asked === null) return null
  const { thread, by } = delivery
  const pull = thread.isPull ? await readPull(place, thread.number, signal) : null
  const own = pull !== null && pull.head.repo?.id === delivery.repository
  const known = own
    ? ((await taskOfBranch(gateway, repo, pull.head.ref)) ?? (await taskOfThread(scene)))
    : await taskOfThread(scene)
  const prompt = promptOf(asked, [threadData(thread)], nonceOf(scene))
  if (known !== null) return () => startTurn(scene, known.id, { prompt, by: actorOf(by) })
  const wanted: Asked = {
    prompt,
    by: actorOf(by),
    number: thread.number,
    // A fork's commits are not at our source: then it begins from the default branch, with the fork's words as data.
    ...(own ? { base: pull.head.ref } : {}),
  }
  return () => startTask(scene, wanted)
}

/** What is asked of us; null when it is said to others. */
export const wordsOf = ({ config }: Pick<Gateway, "config">, repo: Repo, delivery: Said): string | null => {
  if (delivery.what === "label")
    return delivery.label === repo.github?.label
      ? `Do the work that the issue #${delivery.thread.number} describes.`
      : null
  const asked = askedOf(delivery.text, config.github.mention)
  return asked === "" ? `Do the work that #${delivery.thread.number} describes.` : asked
}

/** The newest task of an issue that a person has not closed: the conversation goes on there. One that was asked this very thing stays the one. */
const taskOfThread = async (scene: Scene<Said>): Promise<TaskState | null> => {
  const { gateway, repo, delivery } = scene
  const filter = { repo: repo.name, label: threadLabel(delivery.thread.number) }
  const { items } = await gateway.store.list(repo.team, filter, { limit: 1 })
  const [newest] = items
  if (newest === undefined) return null
  const state = await gateway.store.read({ team: repo.team, task: newest.id })
  // A label is anybody's of the team; what came from an issue says so.
  if (state?.origin !== "github") return null
  const closed = state.review === "discarded" || state.review === "accepted"
  return closed && !wasAsked(scene, state) ? null : state
}
