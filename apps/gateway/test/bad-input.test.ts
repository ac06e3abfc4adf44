import { connect } from "node:net"
import { newId } from "@twolane/protocol"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, apiKey, type OpenGateway, openGateway } from "./open-gateway.ts"

let gateway: OpenGateway
let task: string
beforeAll(async () => {
  gateway = await openGateway({
    files: { "twolane.yaml": "guardrails:\n  deep: { maxFiles: 5 }\n" },
  })
  task = (await gateway.submit()).id
})
afterAll(() => gateway[Symbol.asyncDispose]())

const problem = (status: number, code: string, more: Record<string, unknown> = {}) => ({
  type: `urn:twolane:problem:${code}`,
  title: expect.any(String),
  status,
  detail: expect.any(String),
  code,
  requestId: expect.stringMatching(/^req_/),
  retryable: false,
  http: [status, "application/problem+json", expect.stringMatching(/^req_/)],
  ...more,
})
/** What an answer says, beside its body by what HTTP shows of it. */
const shown = ({ body, status, headers }: Answer) => ({
  ...(body as { requestId: string }),
  http: [status, headers.get("content-type"), headers.get("x-request-id")],
})
const submit = (body: unknown, headers?: Record<string, string>) =>
  gateway.call("POST", "/v1/tasks", body, headers)
const places = (...errors: { path: string; message: string }[]) => ({ errors })

describe("a task is refused", () => {
  test("for a repo that is not there", async () => {
    expect(shown(await submit({ repo: "nowhere", prompt: "x" }))).toEqual(problem(404, "not-found"))
  })

  test.each(["nowhere", "--upload-pack=touch /tmp/x", "main~1", "a..b", "refs/heads/../x", "0".repeat(40)])(
    "for the base %s",
    async base => {
      expect(shown(await submit({ repo: "shop", prompt: "x", base }))).toEqual(problem(422, "base-not-found"))
    },
  )

  test.each(["", "   \n\t"])("for the empty prompt %j", async prompt => {
    const errors = places({ path: "prompt", message: "must not be empty" })
    expect(shown(await submit({ repo: "shop", prompt }))).toEqual(problem(422, "invalid", errors))
  })

  test("for a prompt of 200,001 characters; 200,000 are taken", async () => {
    const long = await submit({ repo: "shop", prompt: "x".repeat(200_001) })
    const errors = places({ path: "prompt", message: "at most 200000 characters" })
    expect(shown(long)).toEqual(problem(413, "prompt-too-long", errors))
    expect((await submit({ repo: "shop", prompt: "x ".repeat(100_000) })).status).toBe(202)
  })

  test("for fields that nobody knows and types that are wrong, all named at once", async () => {
    const body = {
      repo: 7,
      prompt: "x",
      colour: "red",
      budget: { tokens: "many", gold: 1 },
      labels: ["a", 1],
    }
    expect(shown(await submit(body))).toEqual(
      problem(
        422,
        "invalid",
        places(
          { path: "budget.tokens", message: "Invalid input: expected number, received string" },
          { path: "budget.gold", message: "unknown field" },
          { path: "repo", message: "Invalid input: expected string, received number" },
          { path: "labels.1", message: "Invalid input: expected string, received number" },
          { path: "colour", message: "unknown field" },
        ),
      ),
    )
  })

  test("for a guardrail that it loosens, by the file at the base", async () => {
    const wider = await submit({
      repo: "shop",
      prompt: "x",
      guardrails: { maxFiles: 6 },
      budget: { seconds: 7_200 },
    })
    expect(shown(wider)).toEqual(
      problem(
        422,
        "guardrail-loosened",
        places(
          { path: "guardrails.maxFiles", message: "the repo allows at most 5, not 6" },
          { path: "budget.seconds", message: "the repo allows at most 3600, not 7200" },
        ),
      ),
    )
    expect((await submit({ repo: "shop", prompt: "x", guardrails: { maxFiles: 4 } })).status).toBe(202)
  })

  test("for a cost limit on a model without a price", async () => {
    expect(shown(await submit({ repo: "shop", prompt: "x", budget: { costUsd: 1 } }))).toEqual(
      problem(
        422,
        "price-unknown",
        places({ path: "budget.costUsd", message: "there is no price for gpt-5.3-codex" }),
      ),
    )
  })

  test("for a secret in its prompt, which no log gets to see", async () => {
    const secret = `ghp_${"a1B2".repeat(9)}`
    const answer = await submit({ repo: "shop", prompt: `use ${secret}` })
    expect([answer.status, answer.body]).toMatchObject([422, { code: "guardrail-denied" }])
    expect(answer.text + gateway.log.join("")).not.toContain(secret)
  })

  test("for what is not built yet, by name", async () => {
    const errors = [{ path: "engine", message: "is not built yet" }]
    const body = { repo: "shop", prompt: "x", engine: "other" }
    expect(shown(await submit(body))).toEqual(problem(422, "not-implemented", { errors }))
  })

  test("for tasks to wait for that are not there, each by its place", async () => {
    const answer = await submit({ repo: "shop", prompt: "x", after: [task, newId("task")] })
    const place = { path: "after.1", message: "there is no such task" }
    expect(shown(answer)).toEqual(problem(422, "invalid", places(place)))
  })

  test("for a twolane.yaml that is wrong, with line and key", async () => {
    await gateway.source.git("switch", "--quiet", "--create", "broken")
    await gateway.source.commit({ "twolane.yaml": "test:\n  timeout: soon\n" })
    await gateway.source.git("switch", "--quiet", "main")
    const answer = await submit({ repo: "shop", prompt: "x", base: "broken" })
    const message = "line 2: must be a time such as 120s or 5m, at most 24h"
    expect(shown(answer)).toEqual(
      problem(422, "repo-file-invalid", places({ path: "test.timeout", message })),
    )
  })
})

describe("a request is refused", () => {
  test("for a body that is not JSON, not UTF-8, or would change prototypes", async () => {
    for (const body of ["{", "[1,]", '{"repo":"shop"', '{"__proto__":{}}', "\ufeff{", "nul"])
      expect(shown(await submit(body))).toEqual(problem(400, "malformed-json"))
    const bytes = await fetch(`${gateway.url}/v1/tasks`, {
      method: "POST",
      body: Uint8Array.from([0x22, 0xff, 0xfe, 0x22]),
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    })
    expect(await bytes.json()).toMatchObject({ code: "malformed-json", status: 400 })
  })

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"])(
    "for a body of type %s",
    async type => {
      expect(shown(await submit("{}", { "content-type": type }))).toEqual(
        problem(415, "unsupported-media-type"),
      )
    },
  )

  test("for a body over its limit", async () => {
    const big = { repo: "shop", prompt: "x", labels: ["x".repeat(4_300_000)] }
    expect(shown(await submit(big))).toEqual(problem(413, "body-too-large"))
    const small = await gateway.call("POST", `/v1/tasks/${task}/cancel`, { reason: "x".repeat(70_000) })
    expect(shown(small)).toEqual(problem(413, "body-too-large"))
  })

  test.each([
    ["no key", {}],
    ["another scheme", { authorization: "Basic eDp5" }],
    ["a wrong key", { authorization: "Bearer tl_wrong" }],
    ["an empty key", { authorization: "Bearer " }],
    ["the key and more", { authorization: `Bearer ${apiKey}0` }],
  ])("for %s", async (_name, headers) => {
    const response = await fetch(`${gateway.url}/v1/tasks`, { headers })
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([
      401,
      'Bearer realm="twolane"',
    ])
    expect(await response.json()).toMatchObject({ code: "unauthorized", status: 401 })
  })

  test.each([
    "/v1/tasks/x",
    "/v1/tasks/task_../x",
    "/v1/tasks/__proto__",
    "/v1/tasks/task_%00",
    `/v1/tasks/task_${"0".repeat(26)}`,
    "/v1/tasks/%2e%2e%2fx",
    "/v1/nothing",
  ])("for the path %s, as what is not there", async path => {
    expect(shown(await gateway.call("GET", path))).toEqual(problem(404, "not-found"))
  })

  test("for very long paths, as what is not there", async () => {
    for (const length of [190, 201, 5_000])
      expect(shown(await gateway.call("GET", `/v1/tasks/${"x".repeat(length)}`))).toEqual(
        problem(404, "not-found"),
      )
  })

  test("an id that cannot be one answers as an absent one does", async () => {
    const strip = ({ body }: Answer) => ({ ...(body as object), requestId: "" })
    const absent = await gateway.call("GET", `/v1/tasks/task_${"0".repeat(26)}`)
    expect(strip(await gateway.call("GET", "/v1/tasks/nonsense"))).toEqual(strip(absent))
    const gate = `gate_${"0".repeat(26)}`
    const absentGate = await gateway.call("POST", `/v1/tasks/${task}/gates/${gate}`, { decision: "allow" })
    const noGate = await gateway.call("POST", `/v1/tasks/${task}/gates/x`, { decision: "allow" })
    expect(strip(noGate)).toEqual(strip(absentGate))
  })

  test("for a path that cannot be decoded", async () => {
    expect(shown(await gateway.call("GET", "/v1/tasks/%zz"))).toEqual(problem(400, "bad-request"))
  })

  test.each(["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "lane=slow", "status=done", "color=red"])(
    "for the query %s",
    async query => {
      const answer = await gateway.call("GET", `/v1/tasks?${query}`)
      const [path] = query.split("=")
      expect(shown(answer)).toEqual(
        problem(422, "invalid", { errors: [{ path, message: expect.any(String) }] }),
      )
    },
  )

  test("for a query where none is taken", async () => {
    const answer = await gateway.call("POST", `/v1/tasks/${task}/cancel?force=1&force=2`)
    const errors = places({ path: "force", message: "unknown field" })
    expect(shown(answer)).toEqual(problem(422, "invalid", errors))
  })

  test("for a body that nests too deep, also with a key", async () => {
    for (const body of [
      "[".repeat(500_000),
      `{"tasks":[{"x":${"[".repeat(400_000)}${"]".repeat(400_000)}}]}`,
    ]) {
      const answer = await gateway.call("POST", "/v1/tasks/batch", body, { "idempotency-key": "deep" })
      expect(shown(answer)).toEqual(problem(400, "malformed-json"))
    }
    const text = JSON.stringify({ repo: "shop", prompt: `${"[{".repeat(100)}\\"` })
    expect((await submit(text)).status).toBe(202)
  })

  test("for an idempotency key that is none", async () => {
    const answer = await submit({ repo: "shop", prompt: "x" }, { "idempotency-key": "two words" })
    expect([answer.status, answer.body]).toMatchObject([
      400,
      { code: "bad-request", errors: [{ path: "Idempotency-Key" }] },
    ])
  })

  test.each([["POST", "/integrations/github"]])(
    "for %s %s, which comes later, by name",
    async (method, path) => {
      const answer = await gateway.call(method, path)
      expect(shown(answer)).toEqual(problem(422, "not-implemented"))
    },
  )

  test("when it is not HTTP at all", async () => {
    const { hostname, port } = new URL(gateway.url)
    const socket = connect(Number(port), hostname)
    socket.end("HELLO\r\n\r\n")
    let text = ""
    for await (const chunk of socket) text += String(chunk)
    expect(text).toMatch(/^HTTP\/1\.1 400 .*\r\ncontent-type: application\/problem\+json\r\n/)
    expect(JSON.parse(text.split("\r\n\r\n")[1] ?? "")).toMatchObject({ code: "bad-request", status: 400 })
  })
})

test("no body breaks the gateway", async () => {
  const field = fc.constantFrom(
    "repo",
    "prompt",
    "lane",
    "base",
    "scope",
    "budget",
    "guardrails",
    "labels",
    "notBefore",
  )
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("shop", "deep", "x", -1, "\ud800", "a".repeat(5_000)),
  )
  await fc.assert(
    fc.asyncProperty(fc.dictionary(field, value), async body => {
      const { status } = await submit({ repo: "shop", prompt: "x", ...body })
      expect(status).toBeLessThan(500)
    }),
    { numRuns: 150 },
  )
})
