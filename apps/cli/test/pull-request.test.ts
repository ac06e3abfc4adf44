import type { Task } from "@twolane/protocol"
import {
  hasOpenssl,
  makeLibrary,
  patching,
  playing,
  startGithubHouse,
  startModel,
  sumPatch,
} from "@twolane/testkit"
import { expect, test } from "vitest"
import { caller } from "./twolane.ts"

test.runIf(hasOpenssl())(
  "a pull request is opened from the command line, with the order or by accept (needs openssl)",
  async () => {
    await using stack = new AsyncDisposableStack()
    const library = stack.use(await makeLibrary())
    const script = playing({ mend: patching(sumPatch("a - b", "a + b")) })
    const model = stack.use(await startModel({ script }))
    const { house, github } = stack.use(await startGithubHouse(library, { modelUrl: model.url }))
    const twolane = caller({ TWOLANE_URL: house.url, TWOLANE_API_KEY: house.apiKey })
    const run = ["run", "-r", "shop", "--wait", "[mend] it"]
    expect((await twolane([...run, "--publish", "pull_request"])).code).toBe(0)
    expect(github.state.pulls.map(({ number }) => number)).toEqual([100])
    expect((await twolane(run)).code).toBe(0)
    const { items } = (await house.call("GET", "/v1/tasks")).body as { items: Task[] }
    const open = items.find(({ pullRequest }) => pullRequest === undefined)
    const accepted = await twolane(["accept", open?.id ?? "", "--how", "pull_request"])
    expect([accepted.code, accepted.out]).toEqual([0, expect.stringContaining("/pull/101")])
    expect(github.state.pulls.map(({ head }) => head.ref)).toContain(open?.branch)
  },
)
