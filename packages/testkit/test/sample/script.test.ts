import { execFile } from "node:child_process"
import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { applyPatch } from "@twolane/common/patch/apply"
import { parsePatch } from "@twolane/common/patch/parse"
import { afterAll, beforeAll, expect, test } from "vitest"
import { planItems, wireItem } from "../../src/model/planned.ts"
import type { Item, ScriptRequest } from "../../src/model/script.ts"
import { runGit } from "../../src/repo.ts"
import { makeSampleRepo } from "../../src/sample/make-sample-repo.ts"
import { sampleScript } from "../../src/sample/script.ts"
import { makeTempFolder, type TempFolder } from "../../src/temp.ts"

let folder: TempFolder
let repo: string
beforeAll(async () => {
  folder = await makeTempFolder()
  repo = await makeSampleRepo(join(folder.path, "sample"))
})
afterAll(() => folder[Symbol.asyncDispose]())

const tools = ["read_file", "list_files", "apply_patch", "shell", "update_plan"]
const asked = (items: readonly Item[]): ScriptRequest => ({
  model: "simulated",
  instructions: "",
  items,
  tools: tools.map(name => ({ name, type: name === "apply_patch" ? "custom" : "function" })),
  transport: "websocket",
})
const user = (text: string): Item => ({
  type: "message",
  role: "user",
  content: [{ type: "input_text", text }],
})

const runTests = async (): Promise<string | null> => {
  const { NODE_TEST_CONTEXT: _nested, ...env } = process.env
  try {
    await promisify(execFile)(process.execPath, ["--test"], { cwd: repo, env })
    return null
  } catch (error) {
    return String((error as { stdout: string }).stdout)
  }
}

const runTool = async (item: Item): Promise<string> => {
  if (item.name === "apply_patch") return patch(String(item.input))
  const args = JSON.parse(String(item.arguments)) as Record<string, string>
  if (item.name === "read_file") return readFile(join(repo, args.path ?? ""), "utf8")
  if (item.name === "list_files") return (await readdir(repo, { recursive: true })).join("\n")
  return "The plan is noted."
}

const patch = async (text: string): Promise<string> => {
  const parsed = parsePatch(text)
  if (!parsed.ok) return `The patch was not applied: ${parsed.reason}`
  const sections = parsed.patch.sections.map(section => section.path)
  const before = new Map(
    await Promise.all(sections.map(async path => [path, await readFile(join(repo, path), "utf8")] as const)),
  )
  const plan = applyPatch(parsed.patch, path => before.get(path) ?? null)
  if (!plan.ok) return `The patch was not applied: ${plan.reason}`
  for (const write of plan.writes) await writeFile(join(repo, write.path), write.text ?? "")
  return "Applied"
}

/** A deep turn in small: tools run on the real files, and the real tests answer each time the model calls it done. */
const runTurn = async (prompt: string) => {
  const items: Item[] = [user(prompt)]
  const trace: string[] = []
  for (let step = 0; step < 20; step += 1) {
    const request = asked(items)
    const reply = await sampleScript(request)
    const said = planItems(reply, request, true).map(planned => wireItem(planned, planned.text, "completed"))
    items.push(...said)
    const calls = said.filter(item => "call_id" in item)
    for (const item of calls) {
      trace.push(String(item.name))
      const type = `${String(item.type)}_output`
      items.push({ type, call_id: item.call_id, output: await runTool(item) })
    }
    if (calls.length > 0) continue
    const red = await runTests()
    trace.push(red === null ? "green" : "red")
    if (red === null) return { trace, items }
    items.push(user(`[The tests are red: node --test]\n${red}`))
  }
  throw new Error("the script did not end")
}

const request = (task: string) =>
  `Repository sample.\n\nThe repository's AGENTS.md:\n\nThis is the sample repository of Twolane.\n\nThe task:\n\n${task}`

test("on the sample the script reads, patches, is told of a red test, patches again and is green", async () => {
  expect(await runTests()).toContain("hours and minutes")
  const { trace, items } = await runTurn(request("Fix the failing test"))
  expect(trace).toEqual([
    "update_plan",
    "list_files",
    "read_file",
    "read_file",
    "apply_patch",
    "red",
    "apply_patch",
    "green",
  ])
  expect(JSON.stringify(items.at(-1))).toContain("Simulation:")
  expect(await runGit(repo, ["diff", "--stat"])).toContain("src/duration.js | 4 ++--")
})

test("when there is nothing left to fix it says so and changes nothing", async () => {
  await runTurn(request("Fix the failing test"))
  const { trace } = await runTurn(request("Fix the failing test"))
  expect(trace).toEqual(["update_plan", "list_files", "read_file", "read_file", "green"])
})

test("what an earlier turn has begun is finished", async () => {
  const path = join(repo, "src/duration.js")
  await runGit(repo, ["checkout", "--", "."])
  await writeFile(path, (await readFile(path, "utf8")).replace("m: 60,", "m: 60_000,"))
  const { trace } = await runTurn(request("Fix the failing test"))
  expect(trace.slice(-2)).toEqual(["apply_patch", "green"])
})

test("a word that comes after the last mend, such as steering, leads to no second patch of the same line", async () => {
  await runGit(repo, ["checkout", "--", "."])
  const path = join(repo, "src/duration.js")
  await writeFile(path, (await readFile(path, "utf8")).replace("m: 60,", "m: 60_000,"))
  const { items } = await runTurn(request("Fix the failing test"))
  const after = await sampleScript(asked([...items, user("Keep the units in one table")]))
  expect(after.items.map(({ type }) => type)).toEqual(["message"])
  expect(JSON.stringify(after.items)).toContain("The tests decide")
})

test("in the fast lane, where the source is shown, the first thing it says is a patch", async () => {
  await runGit(repo, ["checkout", "--", "."])
  const source = await readFile(join(repo, "src/duration.js"), "utf8")
  const shown = `Repository sample.\n\nThis is the sample repository of Twolane.\n\nsrc/duration.js:\n\`\`\`\n${source}\`\`\``
  const { trace } = await runTurn(`${shown}\n\nThe change:\n\nFix the failing test`)
  expect(trace).toEqual(["apply_patch", "red", "apply_patch", "green"])
  const other = await sampleScript(asked([user(`${shown}\n\nThe change:\n\nWrite a poem`)]))
  expect(JSON.stringify(other.items)).toContain("This is a simulation: no model is configured")
})

test("any other task or repository is answered in one message that it is a simulation", async () => {
  for (const prompt of [request("Write a poem"), "Repository mine.\n\nThe task:\n\nFix the failing test"]) {
    const reply = await sampleScript(asked([user(prompt)]))
    expect(reply.items).toHaveLength(1)
    expect(JSON.stringify(reply.items)).toContain("This is a simulation: no model is configured")
  }
})

test("a sample that is there already is left as it is", async () => {
  const before = await runGit(repo, ["rev-parse", "HEAD"])
  expect(await makeSampleRepo(repo)).toBe(repo)
  expect(await runGit(repo, ["rev-parse", "HEAD"])).toBe(before)
})
