import { type S3Double, startS3 } from "@twolane/testkit"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { probeShelf } from "../src/archive/open-shelf.ts"
import { openS3 } from "../src/archive/s3.ts"

let s3: S3Double
beforeAll(async () => {
  s3 = await startS3()
})
afterAll(async () => await s3[Symbol.asyncDispose]())
beforeEach(() => {
  s3.objects.clear()
  s3.requests.length = 0
})

const bytes = Buffer.from(Array.from({ length: 3_000 }, (_, index) => index % 256))

test("what is written is read, whole or its first bytes, below the prefix; what is not there is null", async () => {
  const shelf = openS3({ ...s3, prefix: "a/b" })
  expect(shelf.place).toBe("s3://history/a/b")
  await shelf.put("team/2026-11-28/task_1.1-2", bytes)
  expect([...s3.objects.keys()]).toEqual(["a/b/team/2026-11-28/task_1.1-2"])
  expect(await shelf.get("team/2026-11-28/task_1.1-2")).toEqual(bytes)
  expect(await shelf.get("team/2026-11-28/task_1.1-2", 100)).toEqual(bytes.subarray(0, 100))
  expect(await shelf.get("team/2026-11-28/task_1.1-2", 9_999)).toEqual(bytes)
  expect(await shelf.get("team/2026-11-28/task_2.1-2")).toBeNull()
  await shelf.remove("team/2026-11-28/task_1.1-2")
  await shelf.remove("team/2026-11-28/task_1.1-2")
  expect(s3.objects.size).toBe(0)
  await probeShelf(openS3({ ...s3, prefix: "" }))
  expect(s3.objects.size).toBe(0)
})

test("a list has all names that begin so, however many answers it takes", async () => {
  const shelf = openS3({ ...s3, prefix: "x" })
  const names = Array.from({ length: 8 }, (_, index) => `team/day/task_1.${index}-1`)
  for (const name of [...names, "team/day/task_2.1-1", "team/other/task_1.1-1"]) await shelf.put(name, bytes)
  expect(await shelf.list("team/day/task_1.")).toEqual(names)
  expect(await shelf.list("team/day/task_3.")).toEqual([])
  const bare = openS3({ ...s3, prefix: "" })
  expect(await bare.list("x/team/day/task_2.")).toEqual(["x/team/day/task_2.1-1"])
})

test("a storage that is busy for a moment is asked again; one that stays so says what it said", async () => {
  const shelf = openS3({ ...s3, prefix: "" })
  s3.fail({ status: 503, code: "SlowDown" }, { status: 500, code: "InternalError" })
  await shelf.put("a", bytes)
  expect(s3.requests).toEqual(["PUT /history/a", "PUT /history/a", "PUT /history/a"])
  expect(await shelf.get("a")).toEqual(bytes)
  s3.fail(...Array.from({ length: 4 }, () => ({ status: 503, code: "SlowDown" })))
  await expect(shelf.get("a")).rejects.toThrow("S3 refused to read: 503 SlowDown: says the double")
})

test.each([
  ["a wrong secret", { secret: "wrong" }, "403 SignatureDoesNotMatch"],
  ["an unknown key", { keyId: "AKIANOBODY" }, "403 InvalidAccessKeyId"],
  ["another region", { region: "us-east-1" }, "403 AuthorizationHeaderMalformed"],
  ["a bucket that is not there", { bucket: "nowhere" }, "404 NoSuchBucket"],
])("%s is refused in the storage's words, and nothing is taken for absent", async (_, wrong, words) => {
  const shelf = openS3({ ...s3, prefix: "", ...wrong })
  await expect(shelf.put("a", bytes)).rejects.toThrow(`S3 refused to write: ${words}`)
  await expect(shelf.get("a")).rejects.toThrow(`S3 refused to read: ${words}`)
  await expect(shelf.list("a")).rejects.toThrow(`S3 refused to list: ${words}`)
  expect(s3.objects.size).toBe(0)
})

test("a storage that is not there is an error, and no answer", async () => {
  const shelf = openS3({ ...s3, endpoint: "http://127.0.0.1:1", prefix: "" })
  await expect(shelf.get("a")).rejects.toThrow("fetch failed")
})
