import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { S3Role } from "@twolane/common"
import {
  type AwsLender,
  awsSecrets,
  makeTempFolder,
  type S3Double,
  startAwsLender,
  startS3,
} from "@twolane/testkit"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { openS3 } from "../src/archive/s3.ts"

const token = "FwoGZXIvYXdzE+of/the=session"
const bytes = Buffer.from("a task")
let s3: S3Double
let lender: AwsLender
let tokenFile: string
let containerFile: string
const stack = new AsyncDisposableStack()

beforeAll(async () => {
  s3 = stack.use(await startS3({ sessionToken: token }))
  const folder = stack.use(await makeTempFolder("twl-keys-"))
  tokenFile = join(folder.path, "token")
  containerFile = join(folder.path, "container")
})
beforeEach(async () => {
  lender = await startAwsLender(s3)
  await writeFile(tokenFile, `${awsSecrets.webIdentity}\n`)
  await writeFile(containerFile, `${awsSecrets.container}\n`)
  return () => lender[Symbol.asyncDispose]()
})
afterAll(() => stack.disposeAsync())

const { roleArn, container } = awsSecrets
const place = () => {
  const { endpoint, region, bucket } = s3
  return { endpoint, region, bucket, prefix: "" }
}
const roles: [string, () => S3Role][] = [
  [
    "a service account",
    () => ({ from: "web-identity", roleArn, tokenFile, sessionName: "twolane", endpoint: lender.endpoint }),
  ],
  [
    "a container",
    () => ({ from: "container", url: `${lender.endpoint}/container`, token: container, tokenFile: null }),
  ],
  [
    "a pod",
    () => ({ from: "container", url: `${lender.endpoint}/container`, token: null, tokenFile: containerFile }),
  ],
  ["an instance", () => ({ from: "instance", endpoint: lender.endpoint })],
]

test("a session token is sent and signed; without it, or with another one, the storage refuses", async () => {
  const { keyId, secret } = s3
  const shelf = openS3({ ...place(), keyId, secret, sessionToken: token })
  await shelf.put("a/b", bytes)
  expect(await shelf.get("a/b")).toEqual(bytes)
  const refused = "403 InvalidToken"
  await expect(openS3({ ...place(), keyId, secret }).get("a")).rejects.toThrow(refused)
  await expect(openS3({ ...place(), keyId, secret, sessionToken: "other" }).get("a")).rejects.toThrow(refused)
})

test.each(roles)("the role of %s is lent keys, once for many requests", async (_, roleOf) => {
  const shelf = openS3({ ...place(), role: roleOf() })
  await Promise.all(["x", "y", "z"].map(name => shelf.put(name, bytes)))
  expect(await shelf.get("y")).toEqual(bytes)
  expect(lender.lent()).toBe(1)
})

test.each(roles)(
  "keys of %s that are nearly over are asked for again, and hold to their end where that fails",
  async (_, roleOf) => {
    lender.lifeMs = 60_000
    const shelf = openS3({ ...place(), role: roleOf() })
    await shelf.put("x", bytes)
    await shelf.put("x", bytes)
    expect(lender.lent()).toBe(2)
    lender.refuse(true)
    expect(await shelf.get("x")).toEqual(bytes)
    lender.refuse(false)
    lender.lifeMs = -1
    await shelf.put("x", bytes)
    lender.refuse(true)
    await expect(shelf.get("x")).rejects.toThrow("no keys for S3 (")
    await expect(shelf.get("x")).rejects.toThrow("says 403 AccessDenied: says the lender")
  },
)

test("a place that is not there is named, with what to set", async () => {
  const shelf = openS3({ ...place(), role: { from: "instance", endpoint: "http://127.0.0.1:1" } })
  await expect(shelf.get("x")).rejects.toThrow(
    "no keys for S3 (AWS_ACCESS_KEY_ID is not set, and the role of this instance): http://127.0.0.1:1 says fetch failed",
  )
})
