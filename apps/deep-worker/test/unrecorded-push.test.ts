import { access, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import {
  call,
  callsOf,
  follow,
  getTask,
  makeLibrary,
  playing,
  runGit,
  say,
  startHouse,
  startModel,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { expect, test } from "vitest"

test("a turn that was canceled between its push and the record keeps nobody from pushing on: the branch is where we left it", async () => {
  await using library = await makeLibrary()
  const bare = await library.cloneBare()
  await using model = await startModel({
    script: playing({
      mend: seen =>
        callsOf(seen, "apply_patch") === 0
          ? call(["apply_patch", sumPatch("a - b", "a + b")])
          : say("It adds."),
      turn: seen =>
        callsOf(seen, "shell") === 0
          ? call(["shell", { command: "echo It adds. > NOTES.md" }])
          : say("It is told."),
    }),
  })
  await using house = await startHouse({ modelUrl: model.url })
  expect((await house.call("POST", "/v1/repos", { name: "slow", source: bare })).status).toBe(201)

  // The source has the commit, and has not answered yet.
  const [arrived, free, hook] = ["arrived", "free", "hooks/post-receive"].map(name => join(bare, name))
  const waits = `#!/bin/sh\n: > '${arrived}'\nfor n in $(seq 600); do [ -e '${free}' ] && exit; sleep 0.1; done\n`
  await writeFile(hook ?? "", waits, { mode: 0o755 })
  const { id, branch } = await submit(house, { repo: "slow", prompt: "[mend] it", publish: "branch" })
  await expect.poll(() => access(arrived ?? "").then(() => true)).toBe(true)
  await house.call("POST", `/v1/tasks/${id}/cancel`, {})
  await follow(house, id)
  await writeFile(free ?? "", "")
  await rm(hook ?? "")
  const left = await runGit(bare, ["rev-parse", branch])
  expect(await getTask(house, id)).toMatchObject({ status: "canceled", head: left.trim() })

  const more = { prompt: "[turn] to the notes", publish: "branch", lane: "deep" }
  expect((await house.call("POST", `/v1/tasks/${id}/turns`, more)).status).toBe(202)
  await follow(house, id)
  const task = await getTask(house, id)
  expect([task.status, task.turns.at(-1)?.outcome]).toEqual([
    "succeeded",
    expect.objectContaining({ status: "succeeded" }),
  ])
  expect((await runGit(bare, ["rev-parse", branch])).trim()).toBe(task.head)
  expect((await runGit(bare, ["rev-list", branch])).split("\n")).toContain(left.trim())
})
