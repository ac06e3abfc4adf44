import {
  follow,
  getTask,
  leastRights,
  makeLibrary,
  openStream,
  patching,
  playing,
  register,
  startCluster,
  startHouse,
  startModel,
  startTls,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { expect, test } from "vitest"

/** A whole house on a Redis of some shape: a task of each lane goes in and ends, and is listed. Answers what its processes said. */
const play = async (env: Record<string, string>): Promise<string> => {
  await using library = await makeLibrary()
  await using model = await startModel({ script: playing({ mend: patching(sumPatch("a - b", "a + b")) }) })
  await using house = await startHouse({ modelUrl: model.url, fastWorkers: 1, env })
  await register(house, "sums", library)
  const { id } = await submit(house, { repo: "sums", prompt: "[mend] it" })
  await follow(house, id)
  expect(await getTask(house, id)).toMatchObject({ status: "succeeded" })
  const request = { lane: "fast", repo: "sums", prompt: "[mend] it", scope: ["src/sum.js"] }
  await using stream = await openStream(house, "/v1/tasks", request)
  expect(JSON.stringify(await stream.rest())).toContain('"outcome":{"status":"succeeded"}')
  const { body } = await house.call("GET", "/v1/tasks?status=succeeded")
  expect(body).toMatchObject({ items: [{ lane: "fast" }, { lane: "deep", id }] })
  return [house.gateway, ...house.workers, ...house.fastWorkers].map(part => part.output()).join("")
}

test("over TLS, as a user of few rights that sees our keys alone, tasks of both lanes go in and end", async () => {
  await using redis = await startTls(leastRights())
  const said = await play({ REDIS_URL: redis.url, NODE_EXTRA_CA_CERTS: redis.ca })
  expect(said).not.toContain("NOPERM")
})

test("on a cluster of three primaries, tasks of both lanes go in and end", async () => {
  await using cluster = await startCluster()
  const said = await play({ REDIS_URL: cluster.url })
  expect(said).not.toMatch(/CROSSSLOT|MOVED/)
})
