/**
 * `npm run test:upgrade -- --from <commit>`: a rolling upgrade from an older commit's code to this one, under a stream of tasks in both
 * lanes. Tasks that ended long ago go to the archive meanwhile, and candidates are asked for. Says what was lost or done twice.
 */
import { resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { parseArgs } from "node:util"
import type { Group, Task, TaskEvent } from "@twolane/protocol"
import {
  addPatch,
  freePort,
  makeLibrary,
  makeTempFolder,
  type Part,
  patching,
  playing,
  type Scene,
  startModel,
  startPart,
  startRedis,
} from "@twolane/testkit"
import { checkLog } from "../chaos/check-log.ts"
import { ask, makeCustomer } from "./customer.ts"
import { writeHistory } from "./history.ts"
import { layOlderTree } from "./older-tree.ts"

const root = resolve(import.meta.dirname, "../../../..")
const { values } = parseArgs({
  options: { from: { type: "string" }, tasks: { type: "string", default: "24" } },
})
if (values.from === undefined) throw new Error("--from names the older commit")
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130))

await using stack = new AsyncDisposableStack()
const older = stack.use(await layOlderTree(root, values.from))
const folder = stack.use(await makeTempFolder("twl-upgrade-"))
const redis = stack.use(await startRedis())
const library = stack.use(await makeLibrary())
const add = patching(addPatch("src/new.js", "export const fresh = 1"))
// Each step takes a while, so that parts are always told to stop in the middle of turns.
const slow: Scene = async (seen, request) => {
  await sleep(700)
  return add(seen, request)
}
const model = stack.use(await startModel({ script: playing({ add: slow }) }))
const env = {
  HOME: folder.path,
  TWOLANE_API_KEY: "tl_test_0123456789abcdef0123456789abcdef",
  TWOLANE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64url"),
  REDIS_URL: redis.url,
  OPENAI_BASE_URL: model.url,
  OPENAI_API_KEY: "sk-simulated-0123456789",
  // A version that knows no archive ignores it.
  TWOLANE_ARCHIVE: `${folder.path}/archive`,
}
const start = (name: string, tree: string, more: Record<string, string> = {}): Part =>
  stack.use(
    startPart(
      name,
      { ...env, TWOLANE_DATA_DIR: `${folder.path}/${tree === root ? "new" : "old"}`, ...more },
      undefined,
      tree,
    ),
  )
const gateway = async (tree: string) => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const part = start("gateway", tree, { TWOLANE_PORT: String(port), TWOLANE_READY_LANES: "fast,deep" })
  while (!(await fetch(`${url}/readyz`).catch(() => null))?.ok) {
    if (
      await Promise.race([part.ended.then(() => true), new Promise<false>(go => setTimeout(go, 50, false))])
    )
      throw new Error(part.output())
  }
  return { url, part }
}
const stop = async (part: Part) => {
  part.kill("SIGTERM")
  await part.ended
}

const customer = makeCustomer(env.TWOLANE_API_KEY)
const archived = 6
const oldWorkers = [start("deep-worker", older.path), start("fast-worker", older.path)]
const oldGateway = await gateway(older.path)
customer.knows(oldGateway.url)
await customer.call("POST", "/v1/repos", { name: "sums", source: library.path })
console.log(`the older version (${values.from}) serves`)
const way = { redisUrl: redis.url, secretKey: env.TWOLANE_SECRET_KEY, apiKey: env.TWOLANE_API_KEY }

const total = Number(values.tasks)
const ids: string[] = []
const submitTill = async (count: number) => {
  for (; ids.length < count; ids.push(await customer.submit(ids.length % 3 === 0 ? "fast" : "deep")));
}
await submitTill(total / 4)
const history = await writeHistory(way, archived, await library.sha())
const newWorkers = [start("deep-worker", root), start("fast-worker", root)]
const newGateway = await gateway(root)
customer.knows(newGateway.url)
console.log("both versions serve side by side")
await history.untilArchived()
const wrong: string[] = [
  ...(await history.wrongAt(newGateway.url, "newer")),
  ...(await history.wrongAt(oldGateway.url, "older")),
]
console.log(
  `${archived} tasks that ended long ago are in the archive; the older version answers ${await history.saidAt(oldGateway.url)} for one`,
)
const wish = { repo: "sums", prompt: "[add] a file", scope: ["src"], candidates: 2 }
const groups: Group[] = []
for (const { url, version } of [
  { url: newGateway.url, version: "newer" },
  { url: oldGateway.url, version: "older" },
]) {
  const { status, body } = await ask({ url, apiKey: env.TWOLANE_API_KEY }, "POST", "/v1/tasks", wish)
  const said = body as Task & { code?: string }
  if (said.group !== undefined) {
    groups.push((await customer.call("GET", `/v1/groups/${said.group.id}`)) as Group)
    ids.push(...said.group.candidates.map(({ task }) => task))
  } else if (version === "newer" || said.code === undefined || status >= 500)
    wrong.push(`${version}: candidates are answered ${status} ${JSON.stringify(body)}`)
  else console.log(`the older version refuses candidates: ${said.code}`)
}
const members = ids.length - total / 4
const all = total + members
await submitTill(all / 2)
const workersGo = Promise.all(oldWorkers.map(stop))
await submitTill((all * 3) / 4)
await workersGo
console.log("the older workers are gone")
customer.forgets(oldGateway.url)
const gatewayGoes = stop(oldGateway.part)
await submitTill(all)
await gatewayGoes
console.log("the older gateway is gone")

const ran = new Map<string, number>()
for (const id of ids) {
  await customer.ended(id)
  const task = (await customer.call("GET", `/v1/tasks/${id}`)) as Task
  const { items: log } = (await customer.call("GET", `/v1/tasks/${id}/events?limit=200`)) as {
    items: TaskEvent[]
  }
  wrong.push(...checkLog(log, task).map(line => `${id}: ${line}`))
  if (task.status !== "succeeded")
    wrong.push(`${id} is ${task.status}: ${JSON.stringify(task.turns[0]?.outcome)}`)
  const patches = log.filter(({ type }) => type === "patch.applied").length
  if (patches !== 1) wrong.push(`${id} was changed ${patches} times`)
  const by = `${task.lane}, ${task.turns[0]?.attempts} attempts`
  ran.set(by, (ran.get(by) ?? 0) + 1)
}
wrong.push(...(await history.wrongAt(newGateway.url, "newer")))
for (const group of groups) {
  const asked = group.candidates.map(({ task }) => task).toSorted()
  const now = (await customer.call("GET", `/v1/groups/${group.id}`)) as Group
  const is = now.candidates.map(({ task }) => task).toSorted()
  if (now.status !== "ended" || asked.join() !== is.join())
    wrong.push(`the group ${group.id} of ${asked.join()} is ${now.status}, of ${is.join()}`)
}
const [one = ""] = history.ids
const back = (await customer.call("POST", `/v1/tasks/${one}/turns`, {
  prompt: "[add] a file",
  lane: "deep",
})) as Task
await customer.ended(one)
const again = (await customer.call("GET", `/v1/tasks/${one}`)) as Task
if (back.turns.length !== 2 || again.status !== "succeeded" || again.turns.length !== 2)
  wrong.push(
    `the archived ${one} was asked for more, and is ${again.status} with ${again.turns.length} turns`,
  )
const listed = (await customer.call("GET", "/v1/tasks?limit=100")) as { items: Task[] }
const due = all + archived
if (listed.items.length !== due)
  wrong.push(`${listed.items.length} tasks are there, of ${due} that should be`)
for (const worker of newWorkers) await stop(worker)
await stop(newGateway.part)
for (const line of wrong) console.log(`  ${line}`)
console.log(
  `${all} tasks, ${archived} archived ones, ${groups.length} groups (${[...ran].map(([by, n]) => `${n} ${by}`).join("; ")}); ${customer.asksAgain()} requests sent again; ${wrong.length} wrong`,
)
process.exitCode = wrong.length === 0 ? 0 : 1
