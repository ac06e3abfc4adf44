import {
  call,
  callsOf,
  follow,
  gapsIn,
  getTask,
  type House,
  libraryFiles,
  makeLibrary,
  makeRepo,
  only,
  playing,
  type RepoFiles,
  register,
  type Scene,
  say,
  startHouse,
  startModel,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"

const mend = call(["apply_patch", sumPatch("a - b", "a + b")])
const plain: Scene = seen => (callsOf(seen, "apply_patch") === 0 ? mend : say("Done."))

/** One call, then an end that repeats what the call gave. */
const once =
  (reply: ReturnType<typeof call>): Scene =>
  seen => {
    const made = seen.find(said => said.kind === "call")
    return made === undefined ? reply : say(`It said: ${made.output?.slice(0, 2_000)}`)
  }

const scenes: Record<string, Scene> = {
  plain,
  misfit: once(call(["apply_patch", sumPatch("a ** b", "a + b")])),
  garbled: once({ items: [{ type: "call", name: "shell", raw: '{"command": "ls' }] }),
  unknown: once(call(["teleport", { to: "main" }])),
  flood: once(call(["shell", { command: "head -c 100000000 /dev/zero | tr '\\0' x; echo; echo the-end" }])),
  bytes: once(
    call([
      "shell",
      { command: "printf '\\377\\376 caf\\351\\n' | tee latin.txt; printf 'a\\0b' > data.bin" },
    ]),
  ),
  nested: seen =>
    callsOf(seen, "shell") === 0
      ? call([
          "shell",
          {
            command:
              "mkdir sub && cd sub && git init -q && echo x > f && git add f && git -c user.name=a -c user.email=a@a commit -qm x",
          },
        ])
      : callsOf(seen, "shell") === 1
        ? seen.some(said => said.kind === "user" && said.text.includes("nested repository"))
          ? call(["shell", { command: "rm -rf sub" }], ["apply_patch", sumPatch("a - b", "a + b")])
          : say("Made.")
        : say("Removed."),
  outside: once(call(["apply_patch", "*** Begin Patch\n*** Add File: ../outside.txt\n+x\n*** End Patch"])),
  secret: seen =>
    callsOf(seen, "apply_patch") === 0
      ? call([
          "apply_patch",
          `*** Begin Patch\n*** Add File: src/key.js\n+export const key = "${"ghp_"}${"a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"}"\n*** End Patch`,
        ])
      : say("The key is in."),
}

let stack: AsyncDisposableStack
let house: House

const repoOf = async (name: string, files: RepoFiles): Promise<void> => {
  const repo = stack.use(await makeRepo({ files: { ...libraryFiles, ...files } }))
  await register(house, name, repo)
}

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const library = stack.use(await makeLibrary())
  const model = stack.use(await startModel({ script: playing(scenes) }))
  house = stack.use(await startHouse({ modelUrl: model.url }))
  await register(house, "sums", library)
})
afterAll(() => stack.disposeAsync())

const run = async (scene: string, more: Record<string, unknown> = {}) => {
  const task = await submit(house, { repo: "sums", prompt: `[${scene}] go`, ...more })
  const events = await follow(house, task.id)
  expect(gapsIn(events)).toEqual([])
  return { task: await getTask(house, task.id), events }
}

test.each([
  ["misfit", "was not applied"],
  ["garbled", "are not JSON"],
  ["unknown", "There is no tool teleport"],
  ["outside", "not applied"],
])(
  "a call that can't be carried out (%s) is answered with the reason, and changes nothing",
  async (scene, words) => {
    const { task, events } = await run(scene)
    expect(only(events, "tool.ended")).toMatchObject([{ ok: false, output: expect.stringContaining(words) }])
    expect(task).toMatchObject({ status: "succeeded", change: { files: 0 }, review: "none" })
  },
)

test("100 MB of output costs no more than its kept ends", async () => {
  const { events } = await run("flood")
  const [ended] = only(events, "tool.ended")
  expect(ended).toMatchObject({ ok: true, truncated: true, output: expect.stringContaining("the-end") })
  expect(ended?.output.length).toBeLessThan(30_000)
})

test("binary files and text that is not UTF-8 are carried as their bytes", async () => {
  const { id } = await submit(house, { repo: "sums", prompt: "[bytes] go", test: "none" })
  const events = await follow(house, id, ({ type }) => type === "gate.opened")
  expect(only(events, "checkpoint.saved")[0]?.files.map(({ path }) => path)).toEqual([
    "data.bin",
    "latin.txt",
  ])
  // A binary file can't be reviewed as text: the guardrails ask.
  expect(only(events, "gate.opened")).toMatchObject([
    { kind: "patch", detail: expect.stringContaining("binary") },
  ])
  await house.call("POST", `/v1/tasks/${id}/cancel`, {})
})

test("a nested repository is no part of the change, and the model is told so", async () => {
  const { task, events } = await run("nested")
  expect(only(events, "guardrail.tripped").map(({ rule }) => rule)).toContain("links")
  expect(task).toMatchObject({ status: "succeeded", change: { files: 1 } })
})

test("a secret in the change stops it", async () => {
  const { task, events } = await run("secret", { test: "none" })
  expect(only(events, "guardrail.tripped").map(({ rule }) => rule)).toContain("secrets")
  expect(task.turns[0]?.outcome).toMatchObject({ status: "failed", code: "guardrail-denied" })
})

test("a setup that fails ends the turn with its output", async () => {
  await repoOf("broken", { "twolane.yaml": "setup: echo no luck; exit 3\n" })
  const task = await submit(house, { repo: "broken", prompt: "[plain] go" })
  const events = await follow(house, task.id)
  expect(only(events, "turn.ended")[0]?.outcome).toMatchObject({
    status: "failed",
    code: "setup-failed",
    detail: expect.stringContaining("no luck"),
  })
})

test("tests that hang are ended at their limit and told to the model", async () => {
  await repoOf("hanging", {
    "twolane.yaml": "test:\n  all: sleep 600\n  targeted: sleep 600\n  timeout: 1s\n",
  })
  const task = await submit(house, { repo: "hanging", prompt: "[plain] go" })
  const events = await follow(house, task.id)
  expect(only(events, "tests.ended")).toMatchObject([{ status: "timed_out" }])
  expect(only(events, "turn.ended")[0]?.outcome).toMatchObject({ status: "failed", code: "tests-red" })
})

test("a malformed twolane.yaml is refused at submit, by line and key", async () => {
  await repoOf("typo", { "twolane.yaml": "test:\n  all: npm test\n  timeuot: 5s\n" })
  const answer = await house.call("POST", "/v1/tasks", { repo: "typo", lane: "deep", prompt: "[plain] go" })
  expect(answer).toMatchObject({
    status: 422,
    body: { code: "repo-file-invalid", detail: expect.stringMatching(/line 3.*test\.timeuot/) },
  })
})

test("caps end a turn as limited, with its work kept", async () => {
  const { task, events } = await run("plain", { budget: { steps: 1 } })
  expect(only(events, "turn.ended")[0]?.outcome).toMatchObject({ status: "limited", which: "steps" })
  expect(only(events, "patch.applied")).toHaveLength(1)
  const next = await house.call("POST", `/v1/tasks/${task.id}/turns`, { prompt: "[plain] go on" })
  expect(next.status).toBe(202)
  await follow(house, task.id)
  expect((await getTask(house, task.id)).turns.map(({ status }) => status)).toEqual(["limited", "succeeded"])
})
