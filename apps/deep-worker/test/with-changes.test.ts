import { join } from "node:path"
import {
  call,
  callsOf,
  follow,
  getTask,
  type House,
  makeLibrary,
  makeTempFolder,
  only,
  playing,
  register,
  type Scene,
  say,
  startHouse,
  startModel,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"

const openings: string[] = []
const finish: Scene = (seen, request) => {
  openings.push(JSON.stringify(request.items))
  if (callsOf(seen, "read_file") === 0) return call(["read_file", { path: "src/notes.txt" }])
  // The patch fits only where the caller's own change is.
  if (callsOf(seen, "apply_patch") === 0) return call(["apply_patch", sumPatch("a * b", "a + b")])
  return say("Finished.")
}

const stray: Scene = seen =>
  callsOf(seen, "apply_patch") === 0
    ? call(["apply_patch", "*** Begin Patch\n*** Delete File: src/notes.txt\n*** End Patch"])
    : say("Left as it is.")

const changes = `diff --git a/src/notes.txt b/src/notes.txt
new file mode 100644
--- /dev/null
+++ b/src/notes.txt
@@ -0,0 +1 @@
+half done
diff --git a/src/sum.js b/src/sum.js
--- a/src/sum.js
+++ b/src/sum.js
@@ -1 +1 @@
-export const sum = (a, b) => a - b
+export const sum = (a, b) => a * b
`

let stack: AsyncDisposableStack
let house: House
let library: Awaited<ReturnType<typeof makeLibrary>>
beforeAll(async () => {
  stack = new AsyncDisposableStack()
  library = stack.use(await makeLibrary())
  const model = stack.use(
    await startModel({ script: playing({ finish, stray, talk: () => say("Nothing.") }) }),
  )
  const elsewhere = stack.use(await makeTempFolder("twl-elsewhere-"))
  // The worker has mirrors of its own, as on another machine: the change can only come through Redis.
  const workerEnv = { TWOLANE_DATA_DIR: join(elsewhere.path, "data") }
  house = stack.use(await startHouse({ modelUrl: model.url, workerEnv }))
  await register(house, "sums", library)
})
afterAll(() => stack.disposeAsync())

const diffOf = async (task: string, from: "base" | "turn"): Promise<string> =>
  (await house.call("GET", `/v1/tasks/${task}/diff?from=${from}`, undefined, { accept: "text/x-diff" })).text

test("a turn goes on from its caller's unfinished work, on the commit that it was made on", async () => {
  const base = await library.sha()
  const task = await submit(house, { repo: "sums", prompt: "[finish] go on", base, changes })
  const events = await follow(house, task.id)
  const [first] = only(events, "checkpoint.saved")
  expect(only(events, "workspace.ready")).toMatchObject([{ base, from: first?.checkpoint }])
  expect(only(events, "tool.ended")[0]?.output).toContain("half done")
  expect(openings[0]).toContain("these files differ from that commit already: src/notes.txt, src/sum.js.")
  expect(only(events, "tests.ended").at(-1)).toMatchObject({ status: "passed" })
  expect(await getTask(house, task.id)).toMatchObject({
    status: "succeeded",
    base,
    change: { files: 2, added: 2, removed: 1 },
  })
  const whole = await diffOf(task.id, "base")
  expect(whole).toContain("+half done\n")
  expect(whole).toContain("-export const sum = (a, b) => a - b\n+export const sum = (a, b) => a + b\n")
  const turn = await diffOf(task.id, "turn")
  expect(turn).not.toContain("half done")
  expect(turn).toContain("-export const sum = (a, b) => a * b\n+export const sum = (a, b) => a + b\n")
})

test("what its caller brought is not held against the model: it is judged by what it changes from there", async () => {
  const task = await submit(house, {
    repo: "sums",
    prompt: "[finish] go on",
    changes,
    scope: ["src/sum.js"],
    guardrails: { maxFiles: 1, maxChangedLines: 2 },
  })
  const events = await follow(house, task.id)
  expect(only(events, "guardrail.tripped")).toEqual([])
  expect(await getTask(house, task.id)).toMatchObject({ status: "succeeded", change: { files: 2 } })
})

test("a model that goes on with its caller's file outside of the scope, or takes it back, is stopped", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[stray] go on", changes, scope: ["src/sum.js"] })
  const events = await follow(house, task.id)
  expect(only(events, "guardrail.tripped")).toMatchObject([
    { rule: "scope", stage: "patch", path: "src/notes.txt" },
  ])
  expect(only(events, "patch.applied")).toEqual([])
  expect(await diffOf(task.id, "base")).toContain("+half done\n")
})

test("candidates each go on from the same unfinished work, and what they bring is told apart", async () => {
  const first = await submit(house, { repo: "sums", prompt: "[finish] go on, both", changes, candidates: 2 })
  const tasks = first.group?.candidates.map(({ task }) => task) ?? []
  expect(tasks).toHaveLength(2)
  const begun: string[] = []
  for (const task of tasks) {
    const events = await follow(house, task)
    begun.push(...only(events, "workspace.ready").map(({ from }) => from))
    expect(only(events, "tests.ended").at(-1)).toMatchObject({ status: "passed" })
    expect(await getTask(house, task)).toMatchObject({ status: "succeeded", change: { files: 2 } })
    expect(await diffOf(task, "base")).toContain("+half done\n")
    expect(await diffOf(task, "turn")).not.toContain("half done")
  }
  expect(new Set(begun).size).toBe(1)
  const { body } = await house.call("GET", `/v1/groups/${first.group?.id}`)
  expect(body).toMatchObject({ status: "ended", candidates: Array(2).fill({ change: { files: 2 } }) })
})

test("the base of a change stays, whatever the branch does before the turn starts, and the change alone is a result", async () => {
  const task = await submit(house, {
    repo: "sums",
    prompt: "[talk] is it good?",
    changes,
    test: "none",
    notBefore: Date.now() + 1_000,
  })
  const moved = await library.commit({ "src/sum.js": "export const sum = (a, b) => b + a\n" })
  const events = await follow(house, task.id)
  expect(only(events, "workspace.ready")[0]?.base).not.toBe(moved)
  expect(await getTask(house, task.id)).toMatchObject({
    status: "succeeded",
    change: { files: 2, added: 2, removed: 1 },
    review: "open",
  })
  expect(await diffOf(task.id, "turn")).toBe("")
})
