import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { cellFiles } from "../../src/jail/args.ts"
import { keptRoom, sh, soon } from "./room.ts"

test("what the machine refuses a keeper is a system error at the worker, as it would be there", async () => {
  await using kept = await keptRoom({ files: { "a.txt": "one\n" } })
  await sh(kept.keeper, "echo two > a.txt")
  const into = join(kept.folder, "nowhere")
  await expect(kept.keeper.stage({ paths: ["a.txt"], into, maxBytes: 100 }, soon())).rejects.toMatchObject({
    code: "ENOENT",
    syscall: "copyfile",
    message: expect.stringMatching(/^ENOENT: no such file or directory/),
  })
})

test("git of ours that cannot do its work is a failure of the machine, not of our code", async () => {
  await using kept = await keptRoom({ files: { "a.txt": "one\n" } })
  await sh(kept.keeper, "echo two > a.txt")
  writeFileSync(join(kept.room.cell, cellFiles.ourGit, "index"), "no index")
  await expect(kept.keeper.changes(soon())).rejects.toMatchObject({
    code: "EIO",
    syscall: "git status",
    message: expect.stringMatching(/^git status failed in the jail: .*index/),
  })
})
