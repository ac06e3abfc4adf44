import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { makeRepo, runGit } from "../src/repo.ts"

test("a temporary repository has commits, branches and a bare clone, and goes away", async () => {
  const repo = await makeRepo({
    files: { "src/a.js": "1\n", "run.sh": "#!/bin/sh\n", "gone.txt": "x" },
    branch: "trunk",
  })
  const first = await repo.sha()
  const second = await repo.commit({ "src/a.js": "2\n", "gone.txt": null }, "second")
  expect(await repo.sha("HEAD~1")).toBe(first)
  expect(await repo.git("log", "--format=%s")).toBe("second\ninitial")
  expect(await repo.git("ls-tree", "-r", "--format=%(objectmode) %(path)", "HEAD")).toBe(
    "100755 run.sh\n100644 src/a.js",
  )
  await repo.branch("feature", first)
  expect(readFileSync(join(repo.path, "src/a.js"), "utf8")).toBe("1\n")
  expect(await repo.sha("trunk")).toBe(second)
  const bare = await repo.cloneBare()
  expect(await runGit(bare, ["rev-parse", "refs/heads/trunk"])).toBe(second)
  await repo[Symbol.asyncDispose]()
  expect(existsSync(repo.path)).toBe(false)
})
