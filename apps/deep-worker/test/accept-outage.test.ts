import { dirname } from "node:path"
import {
  call,
  callsOf,
  follow,
  hasOpenssl,
  makeLibrary,
  playing,
  runGit,
  say,
  startHouse,
  startHttpsRemote,
  startModel,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { expect, test } from "vitest"

/** Longer than a call to Redis may take. */
const awayMs = 6_000

test.runIf(hasOpenssl())(
  "Redis away between a push and its record: who asks again learns that it is done, and the source saw one push (needs openssl)",
  async () => {
    await using library = await makeLibrary()
    const bare = await library.cloneBare()
    await runGit(bare, ["config", "core.logAllRefUpdates", "always"])
    await using server = await startHttpsRemote(dirname(bare), null)
    const mend = (seen: Parameters<typeof callsOf>[0]) =>
      callsOf(seen, "apply_patch") === 0 ? call(["apply_patch", sumPatch("a - b", "a + b")]) : say("Done.")
    await using model = await startModel({ script: playing({ mend }) })
    await using house = await startHouse({ modelUrl: model.url, env: { GIT_SSL_CAINFO: server.ca } })
    const source = `${server.origin}/bare.git`
    expect((await house.call("POST", "/v1/repos", { name: "away", source })).status).toBe(201)
    const { id } = await submit(house, { repo: "away", prompt: "[mend] it" })
    await follow(house, id)
    server.onRequest(path => {
      if (!path.endsWith("/git-receive-pack")) return
      house.redis.pause()
      setTimeout(() => house.redis.resume(), awayMs)
    })
    const accept = () =>
      house.call("POST", `/v1/tasks/${id}/accept`, { how: "push" }, { "idempotency-key": "accept-away" })
    await expect.poll(async () => (await accept()).body).toMatchObject({ review: "accepted" })
    const moves = await runGit(bare, ["reflog", "show", "--format=%H", `refs/heads/twolane/${id}`])
    expect(moves.split("\n")).toHaveLength(1)
  },
)
