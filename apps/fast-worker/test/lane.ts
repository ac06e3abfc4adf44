import type { Task, TaskDelta, TaskEvent } from "@twolane/protocol"
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
  "src/sum.js": "export const sum = (a, b) => a - b\n",
  "src/other.js": "export const other = 1\n",
  "test/sum.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { sum } from "../src/sum.js"

test("adds", () => assert.equal(sum(2, 3), 5))
`,
}

export const makeLibrary = (files: RepoFiles = {}): Promise<TempRepo> =>
  makeRepo({ files: { ...libraryFiles, ...files } })

/** A patch that replaces the one line of `src/sum.js`. */
export const sumPatch = (from: string, to: string): string =>
  `*** Begin Patch\n*** Update File: src/sum.js\n@@\n-export const sum = (a, b) => ${from}\n+export const sum = (a, b) => ${to}\n*** End Patch`

/** One scripted task: what was seen since its prompt, and the request as it came. */
export type Scene = (seen: readonly Seen[], request: ScriptRequest) => Reply | Promise<Reply>

/** A model that plays the scene whose name stands last in the prompts as `[name]`. */
export const playing =
  (scenes: Record<string, Scene>): Script =>
  request => {
    const seen = readConversation(request.items)
    const start = seen.findLastIndex(said => said.kind === "user" && nameIn(said.text) !== undefined)
    const opening = seen[start]
    const name = opening?.kind === "user" ? nameIn(opening.text) : undefined
    const scene = scenes[name ?? ""]
    return scene === undefined ? say(`there is no scene ${name}`) : scene(seen.slice(start + 1), request)
  }

const nameIn = (text: string): string | undefined => /\n\n\[([a-z ]+)\]/.exec(text)?.[1]

/** How many calls of a tool were made. */
export const callsOf = (seen: readonly Seen[], name: string): number =>
  seen.filter(said => said.kind === "call" && said.name === name).length

/** Registers a repo by its path. */
export const register = async (house: House, name: string, repo: TempRepo): Promise<void> => {
  const answer = await house.call("POST", "/v1/repos", { name, source: repo.path })
  expect(answer, answer.text).toMatchObject({ status: 201 })
}

/** One message of a turn's stream. */
export type Message = { id?: string; event?: string; data: TaskEvent | TaskDelta | { code: string } }

/** A fast turn as its caller has it: messages as they come. Leaving closes the connection. */
export type Stream = AsyncDisposable & {
  readonly status: number
  readonly headers: Headers
  /** Reads on until a message fits; answers all that was read since the last time, it included. */
  until(fits: (message: Message) => boolean): Promise<Message[]>
  /** Reads to the end. */
  rest(): Promise<Message[]>
  leave(): void
}

/** Sends a request for a fast turn and opens its stream. */
export const open = async (
  house: House,
  path: string,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Stream> => {
  const stop = new AbortController()
  const answer = await fetch(house.url + path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      authorization: `Bearer ${house.apiKey}`,
      "content-type": "application/json",
      accept: "text/event-stream",
      ...headers,
    },
    signal: stop.signal,
  })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) throw new Error("an answer without a body")
  let text = ""
  const waiting: Message[] = []
  const more = async (): Promise<boolean> => {
    const { done, value } = await reader.read()
    if (done) return false
    text += value
    const frames = text.split("\n\n")
    text = frames.pop() ?? ""
    waiting.push(...frames.flatMap(parseFrame))
    return true
  }
  return {
    status: answer.status,
    headers: answer.headers,
    until: async fits => {
      const read: Message[] = []
      for (;;) {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          read.push(next)
          if (fits(next)) return read
        }
        if (!(await more())) throw new Error(`the stream ended: ${JSON.stringify(read)} ${text}`)
      }
    },
    rest: async () => {
      while (await more());
      return waiting.splice(0)
    },
    leave: () => stop.abort(),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await reader.cancel().catch(() => undefined) // it was aborted
    },
  }
}

const parseFrame = (frame: string): Message[] => {
  const fields = frame.split("\n").flatMap(line => {
    const colon = line.indexOf(": ")
    return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 2)] as const] : []
  })
  const { id, event, data } = Object.fromEntries(fields)
  if (data === undefined) return []
  return [{ ...(id && { id }), ...(event && { event }), data: JSON.parse(data) as Message["data"] }]
}

export const ask = (house: House, prompt: string, more: Record<string, unknown> = {}): Promise<Stream> =>
  open(house, "/v1/tasks", { repo: "sums", lane: "fast", prompt, ...more })

export const followUp = (house: House, task: string, body: Record<string, unknown>): Promise<Stream> =>
  open(house, `/v1/tasks/${task}/turns`, body)

export const isType =
  (type: string) =>
  ({ data }: Message): boolean =>
    "type" in data && data.type === type

/** The types of what has an id, for comparing a whole run at a glance. */
export const typesOf = (messages: readonly Message[]): string[] =>
  messages.flatMap(({ id, data }) => (id !== undefined && "type" in data ? [data.type] : []))

/** The events of one type. */
export const only = <Type extends TaskEvent["type"]>(
  messages: readonly Message[],
  type: Type,
): Extract<TaskEvent, { type: Type }>[] =>
  messages.flatMap(({ data }) =>
    "id" in data && data.type === type ? [data as Extract<TaskEvent, { type: Type }>] : [],
  )

export const taskOf = (messages: readonly Message[]): string =>
  messages.flatMap(({ data }) => ("task" in data ? [data.task] : []))[0] ?? expect.fail("no task")

export const getTask = async (house: House, task: string): Promise<Task> =>
  (await house.call("GET", `/v1/tasks/${task}`)).body as Task

/** The whole log, as everybody else sees it. */
export const logOf = async (house: House, task: string): Promise<TaskEvent[]> =>
  ((await house.call("GET", `/v1/tasks/${task}/events?limit=200`)).body as { items: TaskEvent[] }).items

/** Asks again every few ms until the task fits; only for what its own stream does not tell. */
export const untilTask = async (house: House, task: string, fits: (task: Task) => boolean): Promise<Task> => {
  for (const until = Date.now() + 25_000; Date.now() < until; ) {
    const found = await getTask(house, task)
    if (fits(found)) return found
    await new Promise(resolve => setTimeout(resolve, 30))
  }
  throw new Error(`the task never fitted: ${JSON.stringify(await getTask(house, task))}`)
}
