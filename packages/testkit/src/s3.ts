import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"

/** A storage that speaks as S3 does, with one bucket. */
export type S3Double = AsyncDisposable & {
  endpoint: string
  region: string
  bucket: string
  keyId: string
  secret: string
  /** Present where keys are good only with it. */
  sessionToken?: string
  /** What is there. */
  objects: Map<string, Buffer>
  /** Requests that were answered: method and path with its query. */
  requests: string[]
  /** Answers the next requests so, before it looks at them. */
  fail: (...answers: { status: number; code: string }[]) => void
}

/** Few, so that a list goes on. */
const mostKeys = 3

/**
 * Starts a storage on the loopback address. It is strict: a request whose signature (version 4, by Amazon's description and not by any client's
 * code), date, payload hash or signed headers are not right is refused as S3 refuses it.
 */
export const startS3 = async ({ sessionToken }: { sessionToken?: string } = {}): Promise<S3Double> => {
  const [keyId, secret, region, bucket] = [
    "AKIATWOLANETEST00000",
    "s3cret/of+the=double",
    "eu-central-1",
    "history",
  ]
  const objects = new Map<string, Buffer>()
  const requests: string[] = []
  const failures: { status: number; code: string }[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request)
    requests.push(`${request.method} ${request.url}`)
    const failure = failures.shift()
    if (failure !== undefined) return refuse(response, failure.status, failure.code)
    const wrong = judgeSignature(request, body, { keyId, secret, region, sessionToken })
    if (wrong !== null) return refuse(response, 403, wrong)
    serve({ request, response, body }, bucket, objects)
  }
  const server = createServer((request, response) => void answer(request, response))
  await once(server.listen(0, "127.0.0.1"), "listening")
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region,
    bucket,
    keyId,
    secret,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    objects,
    requests,
    fail: (...answers) => void failures.push(...answers),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

type Exchange = { request: IncomingMessage; response: ServerResponse; body: Buffer }

const serve = (
  { request, response, body }: Exchange,
  bucket: string,
  objects: Map<string, Buffer>,
): unknown => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://double")
  const [, named = "", ...rest] = pathname.split("/")
  const key = rest.map(decodeURIComponent).join("/")
  if (named !== bucket) return refuse(response, 404, "NoSuchBucket")
  if (request.method === "PUT") {
    objects.set(key, body)
    return response.writeHead(200).end()
  }
  if (request.method === "DELETE") {
    objects.delete(key)
    return response.writeHead(204).end()
  }
  if (key === "") return sendList(response, searchParams, objects)
  const found = objects.get(key)
  if (found === undefined) return refuse(response, 404, "NoSuchKey")
  const [, to] = /^bytes=0-(\d+)$/.exec(request.headers.range ?? "") ?? []
  if (to === undefined) return response.writeHead(200).end(found)
  return response.writeHead(206).end(found.subarray(0, Number(to) + 1))
}

const sendList = (response: ServerResponse, query: URLSearchParams, objects: Map<string, Buffer>): void => {
  const after = query.get("continuation-token") ?? ""
  const keys = [...objects.keys()]
    .filter(key => key.startsWith(query.get("prefix") ?? "") && key > after)
    .toSorted((a, b) => (a < b ? -1 : 1))
  const page = keys.slice(0, mostKeys)
  const next =
    keys.length > page.length ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ""
  const contents = page.map(key => `<Contents><Key>${key}</Key></Contents>`).join("")
  response
    .writeHead(200, { "content-type": "application/xml" })
    .end(`<?xml version="1.0"?><ListBucketResult>${contents}${next}</ListBucketResult>`)
}

const refuse = (response: ServerResponse, status: number, code: string): void => {
  response
    .writeHead(status, { "content-type": "application/xml" })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>says the double</Message></Error>`)
}

const mostSkewMs = 15 * 60_000
const mustBeSigned = ["host", "x-amz-content-sha256", "x-amz-date"]

/** What S3 would say of a request's signature; null when it is right. */
const judgeSignature = (
  { headers, method = "", url = "/" }: IncomingMessage,
  body: Buffer,
  {
    keyId,
    secret,
    region,
    sessionToken,
  }: { keyId: string; secret: string; region: string; sessionToken: string | undefined },
): string | null => {
  const header = (name: string) => String(headers[name] ?? "")
  const [, who, date = "", where, names = "", signature = ""] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      header("authorization"),
    ) ?? []
  if (signature === "") return "AccessDenied"
  if (who !== keyId) return "InvalidAccessKeyId"
  if (headers["x-amz-security-token"] !== sessionToken) return "InvalidToken"
  if (where !== region) return "AuthorizationHeaderMalformed"
  const sentAt = header("x-amz-date")
  const iso = sentAt.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z")
  if (!sentAt.startsWith(date) || !(Math.abs(Date.parse(iso) - Date.now()) < mostSkewMs))
    return "RequestTimeTooSkewed"
  if (header("x-amz-content-sha256") !== sha256(body)) return "XAmzContentSHA256Mismatch"
  const signed = names.split(";")
  const amz = Object.keys(headers).filter(name => name.startsWith("x-amz-"))
  if ([...mustBeSigned, ...amz].some(name => !signed.includes(name))) return "AccessDenied"
  const { pathname, search } = splitUrl(url)
  const canonical = [
    method,
    pathname,
    canonicalQuery(search),
    ...signed.map(name => `${name}:${header(name).trim().replaceAll(/ +/g, " ")}`),
    "",
    names,
    header("x-amz-content-sha256"),
  ].join("\n")
  const scope = `${date}/${region}/s3/aws4_request`
  const toSign = ["AWS4-HMAC-SHA256", sentAt, scope, sha256(canonical)].join("\n")
  const key = [date, region, "s3", "aws4_request"].reduce<Buffer>(
    (sofar, part) => hmac(sofar, part),
    Buffer.from(`AWS4${secret}`),
  )
  return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, "hex")) ? null : "SignatureDoesNotMatch"
}

const splitUrl = (url: string): { pathname: string; search: string } => {
  const mark = url.indexOf("?")
  return mark < 0
    ? { pathname: url, search: "" }
    : { pathname: url.slice(0, mark), search: url.slice(mark + 1) }
}

/** Each name and value encoded as RFC 3986 has it, sorted. */
const canonicalQuery = (search: string): string =>
  [...new URLSearchParams(search)]
    .map(pair => pair.map(encoded).join("="))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join("&")

const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )

const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex")
const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest()
