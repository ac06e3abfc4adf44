import { expect, test } from "vitest"
import { keptRoom, sh } from "./room.ts"

test("a command runs in its tree with its output, exit code and place", async () => {
  await using kept = await keptRoom()
  const done = await sh(kept.keeper, "pwd; cat a.txt; echo err >/dev/stderr; id -u; exit 3")
  expect(done).toMatchObject({
    ended: "exited",
    exitCode: 3,
    output: "/workspace\none\nerr\n1000\n",
    truncated: false,
  })
})
