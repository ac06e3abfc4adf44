import { type House, startHouse } from "@twolane/testkit"
import { generateRepo } from "../generated-repo.ts"
import { type BenchModel, startBenchModel } from "../model/model-process.ts"
import { type Order, promptFor } from "../model/order.ts"
import { type OpenStream, openStream, type Streamed, type StreamRequest } from "../stream-client.ts"
import { benchRepo } from "./house.ts"

/** The product with its fast lane, and the model's process. */
export type FastHouse = AsyncDisposable & {
  house: House
  model: BenchModel
  /** A new task's first turn; `task` is known once its head is there. */
  begin(order: Order, more?: TurnWish): Promise<OpenTurn>
  /** The next turn of a task. */
  next(task: string, order: Order, more?: TurnWish): Promise<OpenTurn>
}

/** A turn's stream, as it opens. */
export type OpenTurn = OpenStream & { task: Promise<string> }

/** What else a turn asks for, and who hears its text. */
export type TurnWish = { fields?: object; onText?: (text: string) => void }

const files = 20

/** Starts gateway, one fast worker, Redis and the model, each as a process; the repository has no tests but what `repoFiles` brings. */
export const openFastHouse = async (
  signal: AbortSignal,
  options: {
    concurrency?: number
    deepWorkers?: number
    env?: Readonly<Record<string, string>>
    repoFiles?: Readonly<Record<string, string>>
  } = {},
): Promise<FastHouse> => {
  await using stack = new AsyncDisposableStack()
  const model = stack.use(await startBenchModel(signal))
  const source = stack.use(await generateRepo(files, options.repoFiles))
  const house = stack.use(
    await startHouse({
      modelUrl: model.url,
      fastWorkers: 1,
      deepWorkers: options.deepWorkers ?? 0,
      env: { LOG_LEVEL: "error", TWOLANE_FAST_CONCURRENCY: String(options.concurrency ?? 8), ...options.env },
    }),
  )
  const made = await house.call("POST", "/v1/repos", { name: benchRepo, source: source.path })
  if (made.status !== 201) throw new Error(`the repository was refused: ${made.text}`)
  const headers = { authorization: `Bearer ${house.apiKey}` }
  const open = async (path: string, body: object, { onText }: TurnWish): Promise<OpenTurn> => {
    const wish: StreamRequest = { url: house.url, path, headers, body, ...(onText && { onText }) }
    const opened = await openStream(wish)
    const task = new Promise<string>(resolve => {
      opened.request.once("response", answer =>
        resolve(String(answer.headers.location).slice("/v1/tasks/".length)),
      )
    })
    return { ...opened, task }
  }
  const owned = stack.move()
  return {
    house,
    model,
    begin: (order, more = {}) => {
      const body = { repo: benchRepo, lane: "fast", test: "none", prompt: promptFor(order), ...more.fields }
      return open("/v1/tasks", body, more)
    },
    next: (task, order, more = {}) =>
      open(`/v1/tasks/${task}/turns`, { lane: "fast", prompt: promptFor(order), ...more.fields }, more),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** A turn to its end; throws when it lost a token. */
export const finish = async (turn: OpenTurn): Promise<Streamed & { task: string }> => {
  const streamed = await turn.ended
  if (streamed.lost > 0) throw new Error(`${streamed.lost} tokens were lost or out of order`)
  return { ...streamed, task: await turn.task }
}
