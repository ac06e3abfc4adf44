import { setTimeout as sleep } from "node:timers/promises"
import type { Task, TaskEvent } from "@twolane/protocol"
import type { Random } from "../simulation/random.ts"
import type { Caller, Said } from "./caller.ts"
import type { Fleet } from "./fleet.ts"
import { groupRequest, playGroup } from "./group.ts"
import type { Errand } from "./plan.ts"
import { noteOf, promptOf, type Step } from "./program.ts"
import type { ChaosRemote } from "./remote.ts"
import { type Platform, playTalk } from "./talks/talk.ts"

/** What a person was told, and saw. The check holds the service to it. */
export type Story = {
  errand: Errand
  /** The other tasks that came of a request for candidates. */
  members: Story[]
  /** Null until the request was answered. */
  task: string | null
  /** Why it was refused for good. */
  refused: Said | null
  /** The events as their stream brought them, over all reconnects. */
  seen: TaskEvent[]
  /** Answers to what they did, by its name. */
  answers: { what: string; said: Said; turn: string | null }[]
  /** Whether all of it is over. */
  isOver: boolean
  /** How long it took, by a clock that nobody bends. */
  tookMs: number
  /** What broke in the harness itself. */
  error: Error | null
}

/** A story that has not begun. */
export const newStory = (errand: Errand): Story => ({
  errand,
  members: [],
  task: null,
  refused: null,
  seen: [],
  answers: [],
  isOver: false,
  tookMs: 0,
  error: null,
})

/** What a person has at hand. */
export type Scene = {
  caller: Caller
  remote: ChaosRemote
  /** Where people ask without HTTP. */
  platforms: Readonly<Record<"slack" | "discord" | "github", Platform>>
  fleet: Fleet
  random: Random
  story: Story
  signal: AbortSignal
}

/** Plays one errand to its end. */
export const playErrand = async (scene: Scene): Promise<void> => {
  const { story, caller } = scene
  const beganAt = performance.now()
  try {
    const { does } = story.errand
    if (does === "slack" || does === "discord" || does === "github") {
      await playTalk(scene, scene.platforms[does])
      story.isOver = true
      return
    }
    if (does === "candidates" || does === "race") return await playGroup(scene)
    await submit(scene)
    if (story.task === null) return
    const doing = act(scene)
    doing.catch(() => undefined) // awaited below
    await watchToTheEnd(scene)
    await doing
    // What they did may have begun another turn.
    await watchToTheEnd(scene)
    const ended = await caller.task(story.task)
    const how = accepts[does]
    if (how !== undefined) {
      await accept(scene, ended, how)
      await watchToTheEnd(scene)
    }
    story.isOver = true
  } catch (error) {
    story.error = error instanceof Error ? error : new Error(String(error))
  } finally {
    story.tookMs = performance.now() - beganAt
  }
}

const accepts: Partial<Record<Errand["does"], "push" | "merge" | "pull_request">> = {
  push: "push",
  merge: "merge",
  "pull request": "pull_request",
}

/** Asks for the task. */
export const submit = async ({ story, caller }: Pick<Scene, "story" | "caller">): Promise<void> => {
  const { errand } = story
  const body = {
    repo: errand.repo,
    lane: errand.lane,
    prompt: promptFor(errand, 1),
    ...(errand.does === "gate" ? { plan: "approve" } : {}),
    ...(errand.does === "publish" ? { publish: "pull_request" } : {}),
    ...groupRequest(errand),
  }
  const said =
    errand.lane === "fast" && errand.does !== "race"
      ? await caller.askFast("/v1/tasks?onDisconnect=continue", body)
      : await caller.ask("POST", "/v1/tasks", body)
  if (said.status >= 400) story.refused = said
  else story.task = said.location?.split("/").at(-1) ?? (said.body as Task).id
}

/** What is asked for with a turn. */
export const promptFor = ({ task, turns }: Errand, turn: number): string =>
  promptOf({ task, turn, steps: turns[turn - 1] ?? [] })

/** Follows the task from where it was left until no turn of it is open, and answers what it asks. */
export const watchToTheEnd = async ({ story, caller }: Pick<Scene, "story" | "caller">): Promise<void> => {
  const { task, seen } = story
  if (task === null) return
  const asked: Promise<unknown>[] = []
  await caller.follow(task, seen.at(-1)?.id ?? "", event => {
    seen.push(event)
    if (event.type === "gate.opened")
      asked.push(caller.ask("POST", `/v1/tasks/${task}/gates/${event.gate}`, { decision: "allow" }))
  })
  await Promise.all(asked)
}

/** What the person does while the first turn is under way. */
const act = async (scene: Scene): Promise<void> => {
  const { story, caller, signal } = scene
  const { errand, task } = story
  await sleep(errand.afterMs, undefined, { signal })
  const path = `/v1/tasks/${task}`
  switch (errand.does) {
    case "cancel":
      return tell(scene, "cancel", await caller.ask("POST", `${path}/cancel`, {}))
    case "interrupt":
      return tell(scene, "interrupt", await caller.ask("POST", `${path}/interrupt`, {}))
    case "steer": {
      const turn = (await caller.task(task ?? "")).turns[0]?.id ?? ""
      const prompt = noteOf(errand.task, noteStep(errand).id)
      return tell(scene, "steer", await caller.ask("POST", `${path}/steer`, { prompt, turn }), turn)
    }
    case "follow up":
      return tell(
        scene,
        "follow up",
        await caller.ask("POST", `${path}/turns`, { lane: "deep", prompt: promptFor(errand, 2) }),
      )
    case "hand off":
      return tell(
        scene,
        "hand off",
        await caller.ask("POST", `${path}/turns`, {
          lane: "deep",
          prompt: promptFor(errand, 2),
          interrupt: true,
        }),
      )
    case "let be":
    case "gate":
    case "push":
    case "merge":
    case "pull request":
    case "publish":
    case "slack":
    case "discord":
    case "github":
    case "candidates":
    case "race":
      return
    default:
      errand.does satisfies never
  }
}

/** The step that a person's steering note adds. */
export const noteStep = ({ task }: Errand): Step => ({ kind: "patch", id: `pn${task}` })

const tell = ({ story }: Scene, what: string, said: Said, turn: string | null = null): void => {
  story.answers.push({ what, said, turn })
}

const mostTries = 4

/** Accepts a change that is finished; what others were faster with is tried again where that can help. */
export const accept = async (
  scene: Scene,
  ended: Task,
  how: "push" | "merge" | "pull_request",
): Promise<void> => {
  const { story, caller, remote } = scene
  if (ended.status !== "succeeded" || ended.review !== "open") return
  const { repo } = story.errand
  // Some are ambushed: somebody else pushes to the branch at the very moment.
  if (story.errand.afterMs % 7 === 0)
    remote.ambushed.add(`${repo} ${how === "merge" ? "main" : ended.branch}`)
  for (let tries = 0; tries < mostTries; tries++) {
    const said = await caller.ask("POST", `/v1/tasks/${story.task}/accept`, { how })
    tell(scene, "accept", said)
    if (said.status === 200 || how !== "merge") return
  }
}
