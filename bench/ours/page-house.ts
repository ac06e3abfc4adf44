import { foldEvents, type TaskEvent, type TaskState } from "@twolane/protocol"
import type { NewTask, Store } from "@twolane/store"
import { makeRepo } from "@twolane/testkit"
import { startPage, type TestPage } from "../../apps/dashboard/test/start-page.ts"
import { endWell, newTask, openBenchStore } from "./store.ts"

/** The page in front of so many tasks: half of them wait, half have ended. Nothing works on them. */
export const openPageHouse = async (tasks: number, signal: AbortSignal): Promise<TestPage> => {
  await using opened = new AsyncDisposableStack()
  const at = opened.use(
    await startPage({
      modelUrl: "http://127.0.0.1:9",
      deepWorkers: 0,
      env: { TWOLANE_READY_LANES: "", LOG_LEVEL: "error" },
    }),
  )
  const repo = opened.use(await makeRepo({ files: { "a.txt": "a\n" } }))
  const made = await at.house.call("POST", "/v1/repos", { name: "bench", source: repo.path })
  if (made.status !== 201) throw new Error(`the repository was refused: ${made.text}`)
  await using store = await openBenchStore(at.house.redis.url)
  await fill(store, tasks, signal)
  const all = opened.move()
  return { ...at, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

const perCall = 500

const fill = async (store: Store, tasks: number, signal: AbortSignal): Promise<void> => {
  for (let made = 0; made < tasks; made += perCall) {
    signal.throwIfAborted()
    const count = Math.min(perCall, tasks - made)
    const batch = Array.from({ length: count }, (_, index) => newTask(made + index, store.now()))
    await store.createMany(batch.map((task, index) => (index % 2 === 0 ? task : ended(task, store.now()))))
  }
}

/** The task as it is after a turn that nobody ran. */
const ended = (task: NewTask, at: number): NewTask => ({
  ...task,
  events: [...task.events, ...endWell(stateOf(task), turnOf(task), at)],
})

const turnOf = ({ events }: NewTask): string => events.find(({ turn }) => turn !== null)?.turn ?? ""

const stateOf = ({ task, events }: NewTask): TaskState =>
  foldEvents(
    null,
    events.map((event, index) => ({ ...event, id: `0-${index + 1}`, task, attempt: 0 }) as TaskEvent),
  )
