import type { Task } from "@twolane/protocol"
import { type House, makeRepo, openStream, register, startModel, untilTask } from "@twolane/testkit"
import { startPage, type TestPage } from "../../apps/dashboard/test/start-page.ts"
import { type Asker, writeEarlier } from "./earlier.ts"
import { startHooks } from "./hooks.ts"
import { playing, type Scene } from "./scene.ts"
import * as ended from "./scenes-ended.ts"
import * as open from "./scenes-open.ts"
import { shopFiles } from "./shop-files.ts"

/** A house at work, at a moment of its day: tasks in every state, by the ids of those that are looked at. */
export type Day = AsyncDisposable & {
  at: TestPage
  tasks: { quick: string; large: string; running: string; asking: string }
}

type Person = Asker & { headers: Record<string, string> }

const isOver = ({ endedAt }: Task) => endedAt !== undefined

/** Starts a house and plays a day in it: people ask, the model works, workers run real tests; what is left is at work or waits. */
export const playDay = async (): Promise<Day> => {
  await using opened = new AsyncDisposableStack()
  const model = opened.use(
    await startModel({ script: playing([...Object.values(ended).flat(), ...Object.values(open)]) }),
  )
  const shop = opened.use(await makeRepo({ files: shopFiles }))
  const labels = opened.use(await makeRepo({ files: { "README.md": "# Labels\n" } }))
  const hooks = opened.use(await startHooks())
  const env = { TWOLANE_WEBHOOK_HOSTS: hooks.hosts }
  const at = opened.use(await startPage({ modelUrl: model.url, fastWorkers: 1, deepWorkers: 1, env }))
  const { house } = at
  await register(house, "shop", shop)
  await register(house, "labels", labels)
  const [ada, grace] = [await person(house, "Ada"), await person(house, "Grace")]
  await hooks.add(house)
  await writeEarlier(house, await shop.git("rev-parse", "HEAD"), [ada, grace])

  const quick = await askFast(house, ada, ended.mendCoupons)
  for (const [index, each] of ended.small.entries()) await askFast(house, index === 0 ? grace : ada, each)
  await askFast(house, grace, ended.loosens)
  const large = await askDeep(house, grace, ended.cartCoupons, { labels: ["checkout"] })
  const red = await askDeep(house, ada, ended.roundsWrong)
  for (const task of [large, red]) await untilTask(house, task, isOver)
  const asking = await askDeep(house, ada, open.splitPrices, { plan: "approve" })
  const wants = await askDeep(house, grace, open.wantsPackage, { labels: ["checkout"] })
  for (const task of [asking, wants]) await untilTask(house, task, ({ gates }) => gates.length > 0)
  const running = await askDeep(house, ada, open.moveTaxes, { priority: "high" })
  const other = await askDeep(house, grace, open.gifts)
  for (const task of [running, other])
    await untilTask(house, task, ({ usage }) => usage.steps >= (task === running ? 2 : 1))
  for (const prompt of ["Send the invoice by mail", "Write the prices' history down", "Count the stock"])
    await askDeep(house, prompt.startsWith("Write") ? grace : ada, { prompt })
  const all = opened.move()
  return { at, tasks: { quick, large, running, asking }, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** Gives somebody a key. */
const person = async (house: House, name: string): Promise<Person> => {
  const { body } = await house.call("POST", "/v1/keys", {
    name,
    email: `${name.toLowerCase()}@shop.example`,
    role: "member",
  })
  const { id, secret } = body as { id: string; secret: string }
  return { key: id, name, headers: { authorization: `Bearer ${secret}` } }
}

/** Asks in the deep lane. */
const askDeep = async (
  house: House,
  { headers }: Person,
  { prompt }: Pick<Scene, "prompt">,
  more: Record<string, unknown> = {},
): Promise<string> => {
  const request = { repo: "shop", lane: "deep", prompt, ...more }
  const { status, body, text } = await house.call("POST", "/v1/tasks", request, headers)
  if (status !== 202) throw new Error(`"${prompt}" was refused: ${text}`)
  return (body as Task).id
}

/** Asks in the fast lane, and stays to the turn's end. */
const askFast = async (house: House, { headers }: Person, { prompt }: Scene): Promise<string> => {
  await using stream = await openStream(house, "/v1/tasks", { repo: "shop", lane: "fast", prompt }, headers)
  const seen = await stream.rest()
  const task = seen.map(({ data }) => (data as { task?: string }).task).find(id => id !== undefined)
  if (task === undefined) throw new Error(`"${prompt}" was refused: ${JSON.stringify(seen)}`)
  return task
}
