import { createHash } from "node:crypto"
import type { S3Setting } from "@twolane/common"
import { AwsClient } from "aws4fetch"
import { keysOf, type S3Keys } from "./s3-keys.ts"
import type { Shelf } from "./shelf.ts"
import { valuesIn } from "./xml.ts"

/** A pack has 32 MiB at most: that much passes in this time over a slow line. */
const timeoutMs = 60_000
/** After a 5xx or a 429, with growing pauses; the next sweep tries again what then still fails. */
const retries = 3
/** What a storage says of an error is a line or two; a page of a proxy is cut. */
const mostErrorChars = 300

/** Keeps things in a bucket. Strong consistency is assumed, which S3 has had since 2020 and the others as well. */
export const openS3 = ({ endpoint, region, bucket, prefix, ...identity }: S3Setting): Shelf => {
  const keys = keysOf(identity)
  // What is derived from a secret is derived once a day.
  const cache = new Map<string, ArrayBuffer>()
  const clientOf = ({ keyId, secret, sessionToken }: S3Keys) =>
    new AwsClient({
      accessKeyId: keyId,
      secretAccessKey: secret,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      service: "s3",
      region,
      retries,
      cache,
    })
  const root = `${endpoint.replace(/\/+$/, "")}/${bucket}`
  const keyOf = (name: string) => (prefix === "" ? name : `${prefix}/${name}`)
  const ask = async (method: string, path: string, more: { body?: Uint8Array; range?: string } = {}) => {
    const { body, range } = more
    // The signature holds for the bytes as well, so that a storage notices when they arrive as others.
    const digest = createHash("sha256")
      .update(body ?? "")
      .digest("hex")
    return await clientOf(await keys()).fetch(`${root}${path}`, {
      method,
      headers: { "x-amz-content-sha256": digest, ...(range === undefined ? {} : { range }) },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    })
  }
  const list = async (start: string, token: string | null): Promise<string[]> => {
    const query = new URLSearchParams({ "list-type": "2", prefix: start })
    if (token !== null) query.set("continuation-token", token)
    const answer = await ask("GET", `?${query.toString()}`)
    if (answer.status !== 200) throw await refusal("list", answer)
    const xml = await answer.text()
    const keys = valuesIn(xml, "Key")
    const [next] = valuesIn(xml, "NextContinuationToken")
    return next === undefined ? keys : [...keys, ...(await list(start, next))]
  }
  return {
    place: `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}`,
    put: async (name, bytes) => {
      const answer = await ask("PUT", `/${keyOf(name)}`, { body: bytes })
      if (answer.status !== 200) throw await refusal("write", answer)
      await answer.body?.cancel()
    },
    get: async (name, firstBytes) => {
      const range = firstBytes === undefined ? {} : { range: `bytes=0-${firstBytes - 1}` }
      const answer = await ask("GET", `/${keyOf(name)}`, range)
      if (answer.status === 404 && (await isKeyAbsent(answer))) return null
      if (answer.status !== 200 && answer.status !== 206) throw await refusal("read", answer)
      return Buffer.from(await answer.arrayBuffer()).subarray(0, firstBytes)
    },
    list: async start => {
      const names = await list(keyOf(start), null)
      return prefix === "" ? names : names.map(name => name.slice(prefix.length + 1))
    },
    remove: async name => {
      const answer = await ask("DELETE", `/${keyOf(name)}`)
      if (answer.status !== 204 && answer.status !== 200 && answer.status !== 404)
        throw await refusal("delete", answer)
      await answer.body?.cancel()
    },
    // What is not whole is not there.
    tidy: async () => {},
  }
}

/** A bucket that is not there is no archive without tasks. */
const isKeyAbsent = async (answer: Response): Promise<boolean> => {
  const [code] = valuesIn(await answer.clone().text(), "Code")
  return code === "NoSuchKey"
}

const refusal = async (what: string, answer: Response): Promise<Error> => {
  const text = await answer.text().catch(() => "")
  const [code, message] = [valuesIn(text, "Code")[0], valuesIn(text, "Message")[0]]
  const words = [code, message].filter(word => word !== undefined).join(": ")
  return new Error(`S3 refused to ${what}: ${answer.status} ${words}`.slice(0, mostErrorChars).trim())
}
