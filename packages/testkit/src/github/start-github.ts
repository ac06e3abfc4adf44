import { createHmac, createVerify, generateKeyPairSync, randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { type Reply, routes } from "./routes.ts"
import type { DeliveryRecord, GithubState, Mood } from "./state.ts"

/** GitHub's API on the loopback: one repository, one installation of one App, and the rules that matter. */
export type GithubDouble = AsyncDisposable & {
  /** `http://localhost:<port>`: the API's base. */
  url: string
  appId: number
  /** The App's key, in PEM. */
  privateKey: string
  webhookSecret: string
  state: GithubState
  /** Answers the next requests that fit another way. */
  set(mood: Mood): void
  /** A delivery as GitHub sends it, signed. */
  delivery(event: string, payload: unknown, more?: Record<string, string>): Delivery
  /** Delivers it to an address, chosen anew for each try, and keeps how that went: its status is 0 where nobody was there. */
  deliver(to: () => string, event: string, payload: unknown): Promise<DeliveryRecord>
}

/** One request of GitHub's. */
export type Delivery = { headers: Record<string, string>; body: string }

const appId = 4_711
const webhookSecret = "a secret of the webhook, long enough"
/** Beside the App's, this token is let in. */
export const plainToken = "github_pat_0123456789canary"

/** Starts it. */
export const startGithub = async (repository: GithubState["repository"]): Promise<GithubDouble> => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 })
  const state: GithubState = {
    repository,
    installation: 55_001,
    token: "ghs_installation_canary_0123456789",
    appId,
    app: {
      name: "Twolane of Acme",
      permissions: {
        contents: "write",
        pull_requests: "write",
        issues: "write",
        checks: "read",
        metadata: "read",
      },
      events: ["issue_comment", "issues", "pull_request_review", "check_suite"],
    },
    hookUrl: "",
    pulls: [],
    reviews: new Map(),
    comments: [],
    checks: [],
    people: [],
    deliveries: [],
    requests: [],
    moods: [],
  }
  const isApp = (jwt: string): boolean => {
    const [head = "", body = "", signature = ""] = jwt.split(".")
    return createVerify("RSA-SHA256").update(`${head}.${body}`).verify(publicKey, signature, "base64url")
  }
  const whoIs = ({ headers: { authorization = "" } }: IncomingMessage): string | null => {
    const word = authorization.replace(/^(?:bearer|token) /i, "")
    if (word === state.token) return "installation"
    if (word === plainToken) return "token"
    return word.split(".").length === 3 && isApp(word) ? "app" : null
  }
  const server = createServer((request, response) => void serve(state, whoIs, request, response))
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    appId,
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    webhookSecret,
    state,
    set: mood => void state.moods.push(mood),
    delivery: (event, payload, more = {}) => deliveryOf(event, JSON.stringify(payload), more),
    deliver: (to, event, payload) =>
      deliverTo(state, to, { event, delivery: deliveryOf(event, JSON.stringify(payload), {}) }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

type Posted = { event: string; delivery: Delivery; redelivery?: boolean }

/** As long as GitHub waits. */
const answerWithinMs = 10_000

/** Posts a delivery, and keeps how that went, as GitHub's list of recent deliveries does. */
const deliverTo = async (state: GithubState, to: () => string, posted: Posted): Promise<DeliveryRecord> => {
  const { event, delivery, redelivery = false } = posted
  const signal = AbortSignal.timeout(answerWithinMs)
  const answer = await fetch(to(), { method: "POST", ...delivery, signal }).catch(() => null)
  const record = {
    id: 30_000 + state.deliveries.length,
    guid: delivery.headers["x-github-delivery"] ?? "",
    delivered_at: new Date().toISOString(),
    redelivery,
    status: answer?.ok === true ? "OK" : "failed to connect to host",
    status_code: answer?.status ?? 0,
    event,
    action: null,
    again: () => deliverTo(state, to, { ...posted, redelivery: true }),
  }
  state.deliveries.push(record)
  return record
}

const deliveryOf = (event: string, body: string, more: Record<string, string>): Delivery => ({
  body,
  headers: {
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/0123abc",
    "x-github-event": event,
    "x-github-delivery": randomUUID(),
    "x-github-hook-installation-target-type": "integration",
    "x-hub-signature-256": `sha256=${createHmac("sha256", webhookSecret).update(body).digest("hex")}`,
    ...more,
  },
})

const serve = async (
  state: GithubState,
  whoIs: (request: IncomingMessage) => string | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const sent = await text(request)
  const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://localhost")
  const path = decodeURIComponent(pathname)
  const { method = "GET" } = request
  const as = whoIs(request)
  const body = sent === "" ? {} : (JSON.parse(sent) as Record<string, unknown>)
  state.requests.push({ method, path, as: as ?? "nobody", body })
  const mood = state.moods.find(({ times, fits }) => times > 0 && fits(method, path))
  if (mood !== undefined) mood.times -= 1
  if (mood?.answer === "hang") return
  if (typeof mood?.answer === "object")
    return void response
      .writeHead(mood.answer.status, { "content-type": "application/json", ...mood.answer.headers })
      .end('{"message":"In a mood."}')
  const route = routes.find(([of, pattern]) => of === method && pattern.test(path))
  const params = route?.[1].exec(path)?.slice(1) ?? []
  const unknown = { status: 404, body: { message: "Not Found" } }
  // The App's own key is for what is the App's, and nothing else.
  const isApps = path === "/app" || path.startsWith("/app/") || path.endsWith("/installation")
  const reply: Reply =
    as === null || (as === "app") !== isApps
      ? { status: 401, body: { message: "Bad credentials" } }
      : (route?.[2]({ state, params, query, body }) ?? unknown)
  if (mood?.answer === "lose-quietly") return
  if (mood?.answer === "lose") return void response.destroy()
  response
    .writeHead(reply.status, { "content-type": "application/json; charset=utf-8", ...reply.headers })
    .end(reply.body === undefined ? undefined : JSON.stringify(reply.body))
}
