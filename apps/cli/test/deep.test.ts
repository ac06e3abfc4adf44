import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Task } from "@twolane/protocol"
import {
  call,
  type House,
  type ModelServer,
  makeSampleRepo,
  makeTempFolder,
  type Script,
  sampleScript,
  say,
  startHouse,
  startModel,
  type TempFolder,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { caller } from "./twolane.ts"

/** A model that does what the prompt says it should, so that each test sees one end. */
const script: Script = request => {
  const said = JSON.stringify(request.items)
  if (said.includes("Sleep for a minute")) return call(["shell", { command: "sleep 60" }])
  if (said.includes("Look around forever")) return call(["list_files", { glob: "*" }])
  if (said.includes("Just talk")) return say("There is nothing to do.")
  if (said.includes("Be refused")) return { items: [], fault: { type: "status", status: 401 } }
  return sampleScript(request)
}

let folder: TempFolder
let model: ModelServer
let house: House
let sample = ""
let twolane = caller({})

beforeAll(async () => {
  folder = await makeTempFolder("twl-cli-")
  model = await startModel({ script })
  house = await startHouse({ modelUrl: model.url })
  sample = await makeSampleRepo(join(folder.path, "sample"))
  twolane = caller({ TWOLANE_URL: house.url, TWOLANE_API_KEY: house.apiKey })
  await twolane(["repos", "add", "sample", "./sample"], { cwd: folder.path })
})
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
  await model?.stop()
  await folder?.[Symbol.asyncDispose]()
})

const taskOf = (out: string): Task => {
  const task = Task.safeParse(JSON.parse(out))
  if (!task.success) throw new Error(`no task: ${out}`)
  return task.data
}
const git = (...args: string[]): string => execFileSync("git", ["-C", sample, ...args], { encoding: "utf8" })

test("a task is followed in plain lines to its end, looked at, and accepted", async () => {
  const run = await twolane(["run", "--wait", "Fix the failing test"])
  expect(run).toMatchObject({ code: 0, notes: "" })
  expect(run.out).not.toContain("\x1b")
  const lines = run.out.split("\n")
  const order = [
    "  M src/duration.js +1 -1",
    "tests failed",
    "  M src/duration.js +1 -1",
    "tests passed: 4 passed",
    "succeeded",
  ]
  let at = 0
  for (const text of order) {
    at = lines.findIndex((line, index) => index > at && line.includes(text))
    expect(at, `${text} in\n${run.out}`).toBeGreaterThan(0)
  }
  const id = /task_\w+/.exec(run.out)?.[0] ?? ""

  const { out: patch } = await twolane(["diff", id])
  expect(patch).toContain("+  h: 3_600_000,")
  expect(JSON.parse((await twolane(["diff", id, "--json"])).out).files).toHaveLength(1)
  expect((await twolane(["list"])).out).toContain(`${id}  succeeded  sample`)
  expect((await twolane(["accept", id])).out).toContain(`${id} is accepted`)
  expect(git("branch", "--list", `twolane/${id}`)).toContain(id)
})

test("with --json a run is one value, a watch one event a line, and a failure an error", async () => {
  const task = taskOf((await twolane(["run", "--json", "--wait", "-r", "sample", "Just talk"])).out)
  expect(task).toMatchObject({ status: "succeeded", origin: "cli", review: "none" })
  const { out } = await twolane(["watch", task.id, "--json"])
  const events = out
    .trim()
    .split("\n")
    .map(line => JSON.parse(line).type)
  expect([events[0], events.at(-1)]).toEqual(["task.created", "turn.ended"])
  const absent = await twolane(["watch", task.id.replace(/.{4}$/, "0000"), "--json"])
  expect([absent.code, JSON.parse(absent.out).error.code]).toEqual([1, "not-found"])
})

test("each end has its exit code", async () => {
  expect((await twolane(["run", "--wait", "-r", "sample", "Be refused"])).code).toBe(1)
  expect(
    (await twolane(["run", "--wait", "--max-steps", "2", "-r", "sample", "Look around forever"])).code,
  ).toBe(4)
  expect((await twolane(["run", "-r", "sample"])).code).toBe(2)
  expect((await twolane(["no-such-command"])).code).toBe(2)
  const unreachable = caller({ TWOLANE_URL: "http://127.0.0.1:9", TWOLANE_API_KEY: house.apiKey })
  expect((await unreachable(["list"])).code).toBe(5)
  const wrongKey = caller({ TWOLANE_URL: house.url, TWOLANE_API_KEY: "twl_wrong_wrong_wrong" })
  expect(await wrongKey(["list"])).toMatchObject({
    code: 1,
    notes: expect.stringContaining("(unauthorized)"),
  })
})

test("a running task is steered, and ends as canceled when it is canceled", async () => {
  const { out } = await twolane(["run", "--json", "-r", "sample", "Sleep for a minute"])
  const { id } = taskOf(out)
  const watching = twolane(["watch", id])
  await untilRunning(id)
  expect((await twolane(["steer", id, "be quick"])).out).toContain(`${id} got the note`)
  expect((await twolane(["cancel", id, "--reason", "no longer wanted"])).code).toBe(0)
  const watched = await watching
  expect(watched.code).toBe(3)
  expect(watched.out).toMatch(/nothing runs any more, after .* proof: worker/)
  const retried = await twolane(["steer", id, "too late"])
  expect([retried.code, retried.notes]).toEqual([1, expect.stringContaining("has no open turn")])
})

const untilRunning = async (id: string): Promise<void> => {
  const started = async () =>
    (await house.call("GET", `/v1/tasks/${id}/events`)).text.includes("tool.started")
  await expect.poll(started).toBe(true)
}

test("a task waits for another to succeed, says so, and ends with it when it is canceled", async () => {
  const first = taskOf((await twolane(["run", "--json", "-r", "sample", "Sleep for a minute"])).out)
  const next = ["run", "-r", "sample", "--after", first.id]
  const waiting = await twolane([...next, "Just talk"])
  expect(waiting.out).toContain(`queued, position 1: waits for ${first.id} to succeed`)
  const [id = ""] = waiting.out.split(" ")
  const watching = twolane(["watch", id])
  await untilRunning(first.id)
  await twolane(["cancel", first.id])
  const watched = await watching
  expect([watched.code, watched.out]).toEqual([
    1,
    expect.stringContaining(`failed: dependency-failed (it waited for ${first.id}, which ended canceled)`),
  ])
  const done = taskOf((await twolane(["run", "--json", "--wait", "-r", "sample", "Just talk"])).out)
  expect((await twolane(["run", "--wait", "-r", "sample", "--after", done.id, "Just talk"])).code).toBe(0)
  const unknown = await twolane([...next.slice(0, -1), done.id.replace(/.{4}$/, "0000"), "Just talk"])
  expect([unknown.code, unknown.notes]).toEqual([1, expect.stringContaining("there is no such task")])
  const late = await twolane(["run", "-r", "sample", "--not-before", "23:59", "Just talk"])
  expect(late.out).toMatch(/queued, position \d+: not before \d{4}-/)
  const [lateId = ""] = late.out.split(" ")
  expect((await twolane(["cancel", lateId])).code).toBe(0)
})

test("a plan waits at a gate, and goes on when a person allows it", async () => {
  const { out } = await twolane([
    "run",
    "--json",
    "--plan",
    "approve",
    "-r",
    "sample",
    "Fix the failing test",
  ])
  const { id } = taskOf(out)
  const waiting = async () => JSON.parse((await twolane(["gates", "--json"])).out).items
  await expect.poll(waiting).toMatchObject([{ task: id, kind: "plan" }])
  const [gate] = await waiting()
  expect((await twolane(["gates"])).out).toContain(`twolane gates allow ${id} ${gate.id}`)
  expect((await twolane(["gates", "allow", id, gate.id])).code).toBe(0)
  expect((await twolane(["watch", id])).code).toBe(0)
  expect((await twolane(["gates", "allow", id, gate.id])).notes).toContain("(gate-decided)")
})

test("a change comes into a checkout that is clean, staged and not committed", async () => {
  const { id } = taskOf(
    (await twolane(["run", "--json", "--wait", "-r", "sample", "Fix the failing test"])).out,
  )
  const file = join(sample, "src/duration.js")
  const before = readFileSync(file, "utf8")
  writeFileSync(file, `${before}// mine\n`)
  expect((await twolane(["accept", id, "--here"], { cwd: sample })).notes).toContain("has uncommitted work")
  writeFileSync(file, before)
  expect((await twolane(["accept", id, "--here"], { cwd: sample })).code).toBe(0)
  expect(git("status", "--porcelain")).toBe("M  src/duration.js\n")
  git("reset", "--quiet", "--hard")
})

test("a task begins with the checkout's uncommitted work, which stays as it is", async () => {
  const options = ["--json", "--wait", "--test", "none", "-r", "sample", "--with-changes"]
  const run = ["run", ...options, "Just talk"]
  const nothing = await twolane(run, { cwd: sample })
  expect([nothing.code, nothing.out]).toEqual([
    2,
    expect.stringContaining("there is no uncommitted work here"),
  ])
  writeFileSync(join(sample, "notes.txt"), "half done\n")
  const task = taskOf((await twolane(run, { cwd: sample })).out)
  expect(task).toMatchObject({ status: "succeeded", change: { files: 1, added: 1, removed: 0 } })
  expect(task.base).toBe(git("rev-parse", "HEAD").trim())
  expect((await twolane(["diff", task.id])).out).toContain("+half done\n")
  expect(git("status", "--porcelain")).toBe("?? notes.txt\n")
  git("clean", "--quiet", "--force")
})

test("a checkout whose commit the source does not have is told what to do", async () => {
  const clone = join(folder.path, "clone")
  execFileSync("git", ["clone", "--quiet", sample, clone])
  const inClone = (...args: string[]) =>
    execFileSync("git", ["-C", clone, "-c", "user.name=x", "-c", "user.email=x@x", ...args])
  inClone("commit", "--quiet", "--allow-empty", "--message", "never pushed")
  writeFileSync(join(clone, "notes.txt"), "half done\n")
  const refused = await twolane(["run", "-r", "sample", "--with-changes", "Just talk"], { cwd: clone })
  expect(refused).toMatchObject({ code: 1, notes: expect.stringContaining("push it first") })
})

test("a repo's credential comes by standard input; one that its source can't be asked with is refused", async () => {
  // It may be set before its repo is there.
  const kept = await twolane(["repos", "credential", "elsewhere"], { stdin: "ghp_token\n" })
  expect(kept).toMatchObject({ code: 0 })
  expect((await twolane(["repos", "credential", "elsewhere", "--remove"])).code).toBe(0)
  const misfit = await twolane(["repos", "credential", "sample"], { stdin: "ghp_token\n" })
  expect(misfit.code).not.toBe(0)
  expect((await twolane(["repos", "credential", "sample"])).code).toBe(2)
  expect((await twolane(["queue", "--json"])).out).toContain('"deep"')
  expect((await twolane(["kpis"])).out).toContain("turn_duration")
})
