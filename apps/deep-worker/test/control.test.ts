import {
  call,
  callsOf,
  follow,
  gapsIn,
  getTask,
  type House,
  type ModelServer,
  makeLibrary,
  only,
  playing,
  processesWith,
  register,
  type Scene,
  say,
  startHouse,
  startModel,
  submit,
  sumPatch,
  typesOf,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"

/** A length of sleep that nobody else would choose. */
const mark = "3007.7"
/** A command whose grandchildren leave its session and ignore SIGTERM. */
const family = `sh -c 'trap "" TERM; setsid sleep ${mark} & nohup sleep 301 >/dev/null 2>&1 & echo started; wait'`

const scenes: Record<string, Scene> = {
  family: seen => {
    if (callsOf(seen, "apply_patch") === 0) return call(["apply_patch", sumPatch("a - b", "a + b")])
    return callsOf(seen, "shell") === 0 ? call(["shell", { command: family }]) : say("over")
  },
  slow: () => ({ ...say("so much to say ".repeat(400)), tokensPerSecond: 50 }),
  chatty: seen =>
    seen.some(said => said.kind === "user" && said.text === "come to the point")
      ? say("The point is this.")
      : { ...say("so much to say ".repeat(400)), tokensPerSecond: 50 },
  steered: seen => {
    const note = seen.find(said => said.kind === "user" && said.text === "use plus")
    if (note !== undefined)
      return callsOf(seen, "apply_patch") === 0
        ? call(["apply_patch", sumPatch("a - b", "a + b")])
        : say("as you said")
    return call(["shell", { command: "sleep 0.2" }])
  },
  planned: (seen, { tools }) => {
    const canPatch = tools.some(({ name }) => name === "apply_patch")
    if (!canPatch) {
      const declined = seen.some(said => said.kind === "user" && said.text.includes("declined"))
      return say(declined ? "Plan B: add, with a test." : "Plan A: subtract more.")
    }
    return callsOf(seen, "apply_patch") === 0
      ? call(["apply_patch", sumPatch("a - b", "a + b")])
      : say("Done.")
  },
  guarded: seen =>
    callsOf(seen, "apply_patch") === 0
      ? call([
          "apply_patch",
          "*** Begin Patch\n*** Add File: .github/workflows/ci.yml\n+on: push\n*** End Patch",
        ])
      : say("Added."),
  altered: seen =>
    callsOf(seen, "apply_patch") === 0
      ? call([
          "apply_patch",
          "*** Begin Patch\n*** Add File: .github/workflows/ci.yml\n+on: push\n*** End Patch",
        ])
      : callsOf(seen, "shell") === 0
        ? call(["shell", { command: "echo 'permissions: write-all' >> .github/workflows/ci.yml" }])
        : say("Added."),
  plain: seen =>
    callsOf(seen, "apply_patch") === 0 ? call(["apply_patch", sumPatch("a - b", "a + b")]) : say("Done."),
  "follow up": seen =>
    callsOf(seen, "read_file") === 0 ? call(["read_file", { path: "src/sum.js" }]) : say("Still there."),
  stubborn: seen =>
    callsOf(seen, "apply_patch") === 0
      ? call(["apply_patch", sumPatch("a - b", "a * b")])
      : say("It is done."),
}

let stack: AsyncDisposableStack
let house: House
let model: ModelServer
let library: Awaited<ReturnType<typeof makeLibrary>>

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  library = stack.use(await makeLibrary())
  model = stack.use(await startModel({ script: playing(scenes), steering: "native" }))
  house = stack.use(await startHouse({ modelUrl: model.url }))
  await register(house, "sums", library)
})
afterAll(() => stack.disposeAsync())

/** How many processes of this machine sleep for just that long. */
const sleepers = (): number => processesWith(words => words.includes(mark)).length

test("a cancel kills the command with all its descendants, proves it, saves the work, then ends the turn", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[family] run it" })
  await follow(house, task.id, event => event.type === "tool.started" && event.tool === "shell")
  await expect.poll(sleepers).toBe(1)
  const answer = await house.call("POST", `/v1/tasks/${task.id}/cancel`, { reason: "enough" })
  expect(answer, answer.text).toMatchObject({ status: 202 })
  const events = await follow(house, task.id)
  expect(gapsIn(events)).toEqual([])
  const ending = typesOf(events).slice(typesOf(events).indexOf("cancel.requested"))
  expect(ending.filter(type => type !== "checkpoint.saved")).toEqual([
    "cancel.requested",
    "tool.ended",
    "cancel.confirmed",
    "turn.ended",
  ])
  expect(only(events, "tool.ended").at(-1)).toMatchObject({
    tool: "shell",
    ok: false,
    output: "started\n[cut off: the turn ended before this call did]",
    truncated: false,
    durationMs: expect.any(Number),
  })
  expect(only(events, "cancel.confirmed")[0]).toMatchObject({ proof: "worker" })
  expect(only(events, "cancel.confirmed")[0]?.killed).toBeGreaterThanOrEqual(3)
  expect(only(events, "turn.ended")[0]?.outcome).toMatchObject({ status: "canceled", detail: "enough" })
  expect(sleepers()).toBe(0)
  const again = await house.call("POST", `/v1/tasks/${task.id}/cancel`, {})
  expect(again).toMatchObject({ status: 409, body: { code: "task-ended" } })
})

test("an interrupt cuts the model off in mid-sentence and keeps the task open for a next turn", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[slow] talk" })
  await model.nextRequest()
  const cut = model.requests.at(-1)?.ended
  const answer = await house.call("POST", `/v1/tasks/${task.id}/interrupt`, {})
  expect(answer, answer.text).toMatchObject({ status: 202 })
  expect(await cut).toBe("cut")
  const events = await follow(house, task.id)
  expect(only(events, "turn.ended")[0]?.outcome.status).toBe("canceled")
  const next = await house.call("POST", `/v1/tasks/${task.id}/turns`, { prompt: "[plain] now work" })
  expect(next, next.text).toMatchObject({ status: 202 })
  await follow(house, task.id)
  expect(await getTask(house, task.id)).toMatchObject({
    status: "succeeded",
    turns: [{ status: "canceled" }, { status: "succeeded" }],
  })
})

test("a steering note is heard at the next step", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[steered] wait for a word" })
  const [running] = only(await follow(house, task.id, event => event.type === "tool.ended"), "turn.started")
  const answer = await house.call("POST", `/v1/tasks/${task.id}/steer`, {
    prompt: "use plus",
    turn: running?.turn,
  })
  expect(answer, answer.text).toMatchObject({
    status: 202,
    body: { steer: expect.stringMatching(/^steer_/) },
  })
  const events = await follow(house, task.id)
  expect(only(events, "steer.applied")).toMatchObject([{ steer: (answer.body as { steer: string }).steer }])
  expect(await getTask(house, task.id)).toMatchObject({ status: "succeeded", change: { files: 1 } })
  const late = await house.call("POST", `/v1/tasks/${task.id}/steer`, {
    prompt: "minus",
    turn: running?.turn,
  })
  expect(late).toMatchObject({ status: 409, body: { code: "turn-not-running" } })
})

test("a model that takes steering hears a note in mid-answer, and goes on with it", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[chatty] explain", test: "none" })
  await model.nextRequest()
  const [turn] = (await getTask(house, task.id)).turns
  await house.call("POST", `/v1/tasks/${task.id}/steer`, { prompt: "come to the point", turn: turn?.id })
  const events = await follow(house, task.id)
  expect(only(events, "steer.applied")).toHaveLength(1)
  expect(only(events, "message.done").at(-1)?.text).toBe("The point is this.")
  expect(only(events, "usage.reported")).toHaveLength(2)
  const asked = model.requests.filter(({ body }) => JSON.stringify(body).includes("[chatty]"))
  expect(asked).toHaveLength(1)
})

const gateOf = async (task: string): Promise<string> => {
  const events = await follow(house, task, event => event.type === "gate.opened")
  return only(events, "gate.opened").at(-1)?.gate ?? ""
}

test("a plan waits for a person, a declined one is made again, an allowed one is carried out", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[planned] mend it", plan: "approve" })
  const first = await gateOf(task.id)
  expect(await getTask(house, task.id)).toMatchObject({
    status: "waiting",
    gates: [{ kind: "plan", detail: "Plan A: subtract more." }],
  })
  const listed = await house.call("GET", "/v1/gates")
  expect(listed.body).toMatchObject({ items: [{ id: first, task: task.id }] })
  const denied = await house.call("POST", `/v1/tasks/${task.id}/gates/${first}`, {
    decision: "deny",
    note: "no, add",
  })
  expect(denied, denied.text).toMatchObject({ status: 200 })
  const twice = await house.call("POST", `/v1/tasks/${task.id}/gates/${first}`, { decision: "allow" })
  expect(twice).toMatchObject({ status: 409, body: { code: "gate-decided" } })
  const seen = await follow(house, task.id, event => event.type === "gate.opened" && event.gate !== first)
  const second = only(seen, "gate.opened").at(-1)
  expect(second?.detail).toBe("Plan B: add, with a test.")
  await house.call("POST", `/v1/tasks/${task.id}/gates/${second?.gate}`, { decision: "allow" })
  await follow(house, task.id)
  expect(await getTask(house, task.id)).toMatchObject({ status: "succeeded", change: { files: 1 } })
})

test("a patch to a protected path asks; denied without a note, the turn ends", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[guarded] add ci" })
  const gate = await gateOf(task.id)
  expect((await getTask(house, task.id)).gates).toMatchObject([
    { kind: "patch", detail: expect.stringContaining("protected") },
  ])
  await house.call("POST", `/v1/tasks/${task.id}/gates/${gate}`, { decision: "deny" })
  const events = await follow(house, task.id)
  expect(only(events, "turn.ended")[0]?.outcome.status).toBe("canceled")
  expect(only(events, "patch.applied")).toEqual([])
})

test("a patch that a person allows is applied as it was shown", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[guarded] add ci", test: "none" })
  await house.call("POST", `/v1/tasks/${task.id}/gates/${await gateOf(task.id)}`, { decision: "allow" })
  const events = await follow(house, task.id)
  expect(only(events, "patch.applied")).toMatchObject([
    { files: [{ path: ".github/workflows/ci.yml", change: "added" }] },
  ])
  // The whole change has nothing that was not allowed already.
  expect(only(events, "gate.opened")).toHaveLength(1)
  expect(await getTask(house, task.id)).toMatchObject({ status: "succeeded", change: { files: 1 } })
})

test("what a command makes of an allowed file afterwards is asked about again", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[altered] add ci", test: "none" })
  const first = await gateOf(task.id)
  await house.call("POST", `/v1/tasks/${task.id}/gates/${first}`, { decision: "allow" })
  const events = await follow(house, task.id, event => event.type === "gate.opened" && event.gate !== first)
  const second = only(events, "gate.opened").at(-1)
  expect(second).toMatchObject({ kind: "patch", subject: { checkpoint: expect.any(String) } })
  await house.call("POST", `/v1/tasks/${task.id}/gates/${second?.gate}`, { decision: "allow" })
  await follow(house, task.id)
  expect(await getTask(house, task.id)).toMatchObject({ status: "succeeded", change: { files: 1 } })
})

test("a follow-up goes on from the change, with the conversation before it", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[plain] mend it" })
  await follow(house, task.id)
  await house.call("POST", `/v1/tasks/${task.id}/turns`, { prompt: "[follow up] is it still there?" })
  const events = await follow(house, task.id)
  const read = only(events, "tool.ended").at(-1)
  expect(read?.output).toContain("a + b")
  const asked = model.requests
    .map(({ body }) => JSON.stringify(body))
    .find(text => text.includes("is it still there?"))
  expect(asked).toContain("[That turn ended: succeeded.]")
  expect(asked).toContain("[plain] mend it")
})

test("a model that calls a red tree done and would not go on fails as tests-red, with its work kept", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[stubborn] mend it" })
  const events = await follow(house, task.id)
  expect(only(events, "turn.ended")[0]?.outcome).toMatchObject({ status: "failed", code: "tests-red" })
  expect(only(events, "tests.ended")).toHaveLength(1)
  const diff = await house.call("GET", `/v1/tasks/${task.id}/diff`, undefined, { accept: "text/x-diff" })
  expect(diff.text).toContain("a * b")
})

test("a queued task that is canceled never starts", async () => {
  const paused = await house.call("POST", "/v1/queue/pause", { lane: "deep" })
  expect(paused.status, paused.text).toBeLessThan(300)
  const task = await submit(house, { repo: "sums", prompt: "[plain] later" })
  expect(await getTask(house, task.id)).toMatchObject({
    status: "queued",
    queue: { reason: expect.stringContaining("paused") },
  })
  await house.call("POST", `/v1/tasks/${task.id}/cancel`, {})
  const events = await follow(house, task.id)
  expect(typesOf(events)).toEqual([
    "task.created",
    "turn.queued",
    "cancel.requested",
    "cancel.confirmed",
    "turn.ended",
  ])
  expect(only(events, "cancel.confirmed")[0]).toMatchObject({ proof: "never_started", killed: 0 })
  await house.call("POST", "/v1/queue/resume", { lane: "deep" })
})
