import type { Task, TaskEvent } from "@twolane/protocol"
import {
  type House,
  makeRepo,
  type Reply,
  type RepoFiles,
  readConversation,
  type Script,
  type ScriptRequest,
  type Seen,
  say,
  type TempRepo,
} from "@twolane/testkit"
import { expect } from "vitest"

/** A small library with one failing test; plain JavaScript, so that its tests run in a jail without network. */
export const libraryFiles: RepoFiles = {
  "package.json": '{ "name": "sums", "type": "module", "scripts": { "test": "node --test" } }\n',
  "AGENTS.md": "Keep it small.\n",
  "src/sum.js": "export const sum = (a, b) => a - b\n",
  "test/sum.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { sum } from "../src/sum.js"

test("adds", () => assert.equal(sum(2, 3), 5))
test("adds nothing", () => assert.equal(sum(2, 0), 2))
`,
}

export const makeLibrary = (files: RepoFiles = {}): Promise<TempRepo> =>
  makeRepo({ files: { ...libraryFiles, ...files } })

/** A patch that replaces the one line of `src/sum.js`. */
export const sumPatch = (from: string, to: string): string =>
  `*** Begin Patch\n*** Update File: src/sum.js\n@@\n-export const sum = (a, b) => ${from}\n+export const sum = (a, b) => ${to}\n*** End Patch`

/** One scripted task: what was seen since its prompt, and the request as it came. */
export type Scene = (seen: readonly Seen[], request: ScriptRequest) => Reply | Promise<Reply>

/** A model that plays the scene whose name stands in the newest prompt as `[name]`. */
export const playing =
  (scenes: Record<string, Scene>): Script =>
  request => {
    const seen = readConversation(request.items)
    const start = seen.findLastIndex(said => said.kind === "user" && /\n\n\[[a-z ]+\]/.test(said.text))
    const opening = seen[start]
    const name = opening?.kind === "user" ? /\n\n\[([a-z ]+)\]/.exec(opening.text)?.[1] : undefined
    const scene = scenes[name ?? ""]
    return scene === undefined ? say(`there is no scene ${name}`) : scene(seen.slice(start + 1), request)
  }

/** How many calls of a tool were made. */
export const callsOf = (seen: readonly Seen[], name: string): number =>
  seen.filter(said => said.kind === "call" && said.name === name).length

/** Registers a repo by its path. */
export const register = async (house: House, name: string, repo: TempRepo): Promise<void> => {
  const answer = await house.call("POST", "/v1/repos", { name, source: repo.path })
  expect(answer, answer.text).toMatchObject({ status: 201 })
}

/** Submits a deep task; answers it as it was accepted. */
export const submit = async (house: House, request: Record<string, unknown>): Promise<Task> => {
  const answer = await house.call("POST", "/v1/tasks", { lane: "deep", ...request })
  expect(answer, answer.text).toMatchObject({ status: 202 })
  return answer.body as Task
}

export const getTask = async (house: House, task: string): Promise<Task> =>
  (await house.call("GET", `/v1/tasks/${task}`)).body as Task

/** Follows a task's stream until an event that `until` picks, or its end; answers all events with an id, oldest first. */
export const follow = async (
  house: House,
  task: string,
  until: (event: TaskEvent) => boolean = () => false,
  after?: string,
): Promise<TaskEvent[]> => {
  const stop = new AbortController()
  const headers = { authorization: `Bearer ${house.apiKey}`, accept: "text/event-stream" }
  const query = after === undefined ? "" : `?after=${after}`
  const answer = await fetch(`${house.url}/v1/tasks/${task}/events${query}`, { headers, signal: stop.signal })
  const events: TaskEvent[] = []
  let text = ""
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const frames = text.split("\n\n")
    text = frames.pop() ?? ""
    for (const event of frames.flatMap(parseFrame)) {
      events.push(event)
      if (!until(event)) continue
      stop.abort()
      return events
    }
  }
  return events
}

const parseFrame = (frame: string): TaskEvent[] => {
  const lines = frame.split("\n")
  const data = lines.filter(line => line.startsWith("data:")).map(line => line.slice(5).trim())
  return lines.some(line => line.startsWith("id:")) ? [JSON.parse(data.join("\n")) as TaskEvent] : []
}

/** Only the types, for comparing a whole run at a glance. */
export const typesOf = (events: readonly TaskEvent[]): string[] => events.map(({ type }) => type)

/** The events of one type. */
export const only = <Type extends TaskEvent["type"]>(
  events: readonly TaskEvent[],
  type: Type,
): Extract<TaskEvent, { type: Type }>[] =>
  events.filter((event): event is Extract<TaskEvent, { type: Type }> => event.type === type)

/** Every attempt's ids go 1, 2, 3 … without a gap. */
export const expectGapless = (events: readonly TaskEvent[]): void => {
  const counts = new Map<string, number>()
  for (const { id } of events) {
    const [attempt = "", n] = id.split("-")
    const next = (counts.get(attempt) ?? 0) + 1
    counts.set(attempt, next)
    expect(Number(n)).toBe(next)
  }
}
