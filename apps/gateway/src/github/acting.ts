import { createHash } from "node:crypto"
import type { Place } from "@twolane/github"
import {
  type Actor,
  derivedId,
  isFault,
  type Repo,
  TaskRequest,
  type TaskState,
  type TurnOptions,
} from "@twolane/protocol"
import { addTurn } from "../decide/follow-up.ts"
import { changeTask, type Gateway } from "../gateway.ts"
import type { Caller } from "../http/auth.ts"
import { checkPrompt } from "../submit/check-prompt.ts"
import { checkTurn, submitTask } from "../submit/submit.ts"
import type { GithubDelivery, Person } from "./deliveries.ts"
import { nonceBy } from "./prompt.ts"

/** A delivery, the repo that it is about, and the repository at GitHub. */
export type Scene<Delivery = GithubDelivery> = {
  gateway: Gateway
  repo: Repo
  place: Place
  delivery: Delivery
}

/** Words for the lines of this delivery's prompt (see `nonceBy`). */
export const nonceOf = ({ gateway, delivery }: Scene): ReturnType<typeof nonceBy> =>
  nonceBy(gateway.config.github.app?.webhookSecret ?? "", delivery.key)

/** Somebody at GitHub as who acts: by the number of their account, which is never given to another. */
export const actorOf = ({ id, login }: Person): Actor => ({ key: `github:${id}`, name: login })

/** Whose turns failing checks start. */
export const checksActor: Actor = { key: "github:checks", name: "GitHub checks" }

/** What a delivery asks for. `number` is the issue or pull request that hears of the task. */
export type Asked = { prompt: string; by: Actor; number: number; base?: string }

/** The same for the same words, whenever they are delivered: a redelivery, or a replay, makes nothing new. */
const idOf = (kind: "task" | "turn", { repo, delivery }: Scene): string => {
  const said = `github/${repo.team}/${delivery.repository}/${delivery.key}`
  return derivedId(kind, delivery.at, createHash("sha256").update(said).digest())
}

/** Whether a task has the turn that this delivery asks for. */
export const wasAsked = (scene: Scene, { turns }: TaskState): boolean => {
  const turn = idOf("turn", scene)
  return turns.some(({ id }) => id === turn)
}

/** The label by which an issue's tasks are found. */
export const threadLabel = (number: number): string => `github#${number}`

/** The issue or pull request that a task's labels name; undefined when none does. */
export const threadIn = (labels: readonly string[]): number | undefined =>
  labels
    .map(label => /^github#(\d+)$/.exec(label)?.[1])
    .flatMap(number => (number === undefined ? [] : [Number(number)]))[0]

/** Starts the task that a delivery asks for, once. */
export const startTask = async (scene: Scene, { prompt, by, number, base }: Asked): Promise<void> => {
  const { gateway, repo } = scene
  const { team, name } = repo
  const task = idOf("task", scene)
  if ((await gateway.store.read({ team, task })) !== null) return
  const labels = [threadLabel(number)]
  const request = TaskRequest.parse({
    repo: name,
    prompt,
    lane: "deep",
    labels,
    publish: "pull_request",
    ...(base === undefined ? {} : { base }),
  })
  const act: Act = { action: "task.submit", by, task, detail: { repo: name, labels } }
  await recorded(scene, act, async () => {
    await submitTask(gateway, { task, request, caller: callerFor(repo, by), origin: "github" })
  })
}

/** Adds the turn that a delivery asks for to a task, once. */
export const startTurn = async (
  scene: Scene,
  task: string,
  { prompt, by }: Pick<Asked, "prompt" | "by">,
): Promise<void> => {
  const { gateway, repo } = scene
  const ref = { team: repo.team, task }
  const turn = idOf("turn", scene)
  const state = await gateway.store.read(ref)
  if (state === null || wasAsked(scene, state)) return
  const options: TurnOptions = { publish: "pull_request" }
  await recorded(scene, { action: "turn.add", by, task, detail: { turn } }, async () => {
    await checkTurn(gateway, state, { prompted: checkPrompt(prompt), lane: "deep", options })
    const next = { turn, prompt, options, by, interrupt: false }
    await changeTask(gateway, ref, (newest, now) => addTurn(newest, next, now))
  })
}

const callerFor = ({ team }: Repo, actor: Actor): Caller => ({
  actor,
  team,
  role: "member",
  email: null,
  isOperator: false,
  session: null,
})

type Act = { action: string; by: Actor; task: string; detail: Record<string, unknown> }

/** Does what was asked for, and records who asked; what was refused gets a record of its own. */
const recorded = async (
  { gateway, repo, delivery }: Scene,
  { action, by, task, detail }: Act,
  act: () => Promise<void>,
): Promise<void> => {
  const { audit } = gateway.store
  const from = { via: "signature", origin: "github" } as const
  const record = { action, by, from, object: { kind: "task", id: task } }
  const said = { ...detail, repository: delivery.repository, key: delivery.key }
  const of = await audit.append(repo.team, [{ ...record, detail: said }])
  try {
    await act()
  } catch (error) {
    if (isFault(error)) await audit.append(repo.team, [{ ...record, detail: { refused: error.code, of } }])
    throw error
  }
}
