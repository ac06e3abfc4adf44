import type { Task } from "@twolane/protocol"
import { call, callsOf, follow, type PlayedHouse, say, startPlayedHouse, submit } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { caller } from "./twolane.ts"

/** Clears the screen, links elsewhere, writes the clipboard, turns the line around. */
const hostile = "\u001b[2J\u001b]8;;https://evil.example\u0007ok\u001b]52;c;aGk=\u0007\u202egnp\u009b31m"
/** What a terminal acts on, or what turns its letters around. */
const acted = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u
/** The same as a file's name, by a shell: a tree of git's may have it. */
const script = `printf 'x\\n' > "$(printf '\\033[2J\\033]8;;x\\007name\\302\\23331m.txt')"; printf '\\033[2Jtold\\n'; git commit --allow-empty -qm "$(printf '\\033[2Jof the commit')" || true; exit 1`

let played: PlayedHouse
let task: Task
let twolane = caller({})
beforeAll(async () => {
  played = await startPlayedHouse({
    hostile: seen =>
      callsOf(seen, "shell") === 0 ? call(["shell", { command: script }]) : say(`Done ${hostile}.`),
  })
  twolane = caller({ TWOLANE_URL: played.house.url, TWOLANE_API_KEY: played.house.apiKey })
  task = await submit(played.house, {
    repo: "sums",
    prompt: `[hostile] ${hostile}`,
    labels: [`l${hostile}`.slice(0, 20)],
  })
  await follow(played.house, task.id)
})
afterAll(() => played?.[Symbol.asyncDispose]())

test.each([
  ["list"],
  ["watch", "<task>"],
  ["diff", "<task>", "--stat"],
  ["audit"],
  ["hindsight"],
  ["gates"],
  ["accept", "<task>"],
  ["steer", "<task>", hostile],
  ["run", "-r", hostile, hostile],
])("twolane %s %s says nothing that a terminal acts on", async (...args) => {
  const { out, notes } = await twolane(args.map(arg => (arg === "<task>" ? task.id : arg)))
  expect((out + notes).length).toBeGreaterThan(0)
  expect(out + notes).not.toMatch(acted)
})

test("and there was something to act on: the task's words, its file's name and what its command told", async () => {
  const { text } = await played.house.call("GET", `/v1/tasks/${task.id}/events?limit=200`)
  expect(text).toContain("\\u001b[2J")
  const { body } = await played.house.call("GET", `/v1/tasks/${task.id}/diff`, undefined, {
    accept: "application/json",
  })
  const { files } = body as { files: { path: string }[] }
  expect(files.map(({ path }) => path).join()).toMatch(/name/)
  expect((await played.house.call("GET", `/v1/tasks/${task.id}`)).body).toMatchObject({
    prompt: expect.stringContaining("\u001b[2J"),
  })
})
