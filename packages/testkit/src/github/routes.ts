import type { GithubState } from "./state.ts"

/** An answer of the double. */
export type Reply = { status: number; body: unknown; headers?: Record<string, string> }

type Call = { state: GithubState; params: string[]; query: URLSearchParams; body: Record<string, unknown> }
type Route = [method: string, pattern: RegExp, answer: (call: Call) => Reply]

const ok = (body: unknown, status = 200): Reply => ({ status, body })
/** As GitHub words it. */
const refuse = (status: number, message: string, errors?: unknown[]): Reply => ({
  status,
  body: { message, ...(errors && { errors }), documentation_url: "https://docs.github.com/rest" },
})

const viewRepository = ({ repository: { id, owner, name } }: GithubState) => ({
  id,
  name,
  full_name: `${owner}/${name}`,
  owner: { login: owner },
})

/** Longer ones are refused. */
const maxTitle = 256
const maxBody = 65_536

const isText = (value: unknown, max: number): boolean =>
  typeof value === "string" && value.trim() !== "" && value.length <= max
const unfit = (resource: string, field: string): Reply =>
  refuse(422, "Validation Failed", [{ resource, field, code: "invalid" }])

const inRepo = "/repos/([^/]+)/([^/]+)"
const at = (path: string): RegExp => new RegExp(`^${path}$`)

/** The calls of GitHub's API that Twolane makes, with the rules that matter: one open pull request of a branch to a base. */
export const routes: readonly Route[] = [
  ["POST", at("/app/installations/(\\d+)/access_tokens"), ({ state, params: [id] }) => tokenOf(state, id)],
  ["GET", at("/app"), ({ state }) => ok(state.app)],
  ["GET", at("/app/hook/config"), ({ state }) => ok({ url: state.hookUrl, content_type: "json" })],
  ["GET", at("/app/hook/deliveries"), call => listDeliveries(call)],
  ["POST", at("/app/hook/deliveries/(\\d+)/attempts"), call => deliverAgain(call)],
  ["GET", at(`${inRepo}/installation`), ({ state }) => ok({ id: state.installation })],
  ["GET", at(inRepo), ({ state }) => ok(viewRepository(state))],
  ["GET", at("/repositories/(\\d+)"), ({ state }) => ok(viewRepository(state))],
  ["GET", at(`${inRepo}/pulls`), call => ok(listPulls(call))],
  ["POST", at(`${inRepo}/pulls`), call => createPull(call)],
  ["GET", at(`${inRepo}/pulls/(\\d+)`), call => readPull(call)],
  ["GET", at(`${inRepo}/pulls/\\d+/reviews/(\\d+)/comments`), call => ok(reviewOf(call))],
  ["PATCH", at(`${inRepo}/pulls/(\\d+)`), call => updatePull(call)],
  ["GET", at(`${inRepo}/issues/(\\d+)/comments`), call => ok(listComments(call))],
  ["POST", at(`${inRepo}/issues/(\\d+)/comments`), call => createComment(call)],
  ["PATCH", at(`${inRepo}/issues/comments/(\\d+)`), call => updateComment(call)],
  ["DELETE", at(`${inRepo}/issues/comments/(\\d+)`), call => deleteComment(call)],
  ["GET", at(`${inRepo}/collaborators/([^/]+)/permission`), call => permissionOf(call)],
  ["GET", at(`${inRepo}/commits/([^/]+)/check-runs`), call => listChecks(call)],
]

const tokenOf = (state: GithubState, id: string | undefined): Reply => {
  if (Number(id) !== state.installation) return refuse(404, "Not Found")
  const expires = new Date(Date.now() + 3_600_000).toISOString()
  return ok({ token: state.token, expires_at: expires, permissions: {}, repository_selection: "all" }, 201)
}

/** Newest first; the next page is named by the `link` header alone. */
const listDeliveries = ({ state, query }: Call): Reply => {
  const size = Number(query.get("per_page") ?? 30)
  const from = Number(query.get("cursor")?.slice(1) ?? 0)
  const all = state.deliveries.toReversed()
  const page = all.slice(from, from + size).map(({ again: _again, ...shown }) => shown)
  const next = `<http://localhost/app/hook/deliveries?per_page=${size}&cursor=v${from + size}>; rel="next"`
  return { ...ok(page), ...(from + size < all.length ? { headers: { link: next } } : {}) }
}

const deliverAgain = ({ state, params }: Call): Reply => {
  const delivery = state.deliveries.find(({ id }) => id === Number(params[0]))
  if (delivery === undefined) return refuse(404, "Not Found")
  void delivery.again()
  return ok({}, 202)
}

const listPulls = ({ state, query }: Call) => {
  const [, ref = ""] = (query.get("head") ?? ":").split(/:(.*)/s)
  const wanted = query.get("state") ?? "open"
  const base = query.get("base")
  return state.pulls.filter(
    pull =>
      (ref === "" || pull.head.ref === ref) &&
      (base === null || pull.base.ref === base) &&
      (wanted === "all" || pull.state === wanted),
  )
}

const createPull = ({ state, body }: Call): Reply => {
  for (const [field, max] of Object.entries({ title: maxTitle, head: 255, base: 255, body: maxBody }))
    if (!isText(body[field], max)) return unfit("PullRequest", field)
  const [head, base] = [String(body.head), String(body.base)]
  const twin = state.pulls.find(
    pull => pull.state === "open" && pull.head.ref === head && pull.base.ref === base,
  )
  if (twin !== undefined)
    return refuse(422, "Validation Failed", [
      { message: `A pull request already exists for ${state.repository.owner}:${head}.` },
    ])
  const { owner, name } = state.repository
  const number = 100 + state.pulls.length
  const pull = {
    number,
    html_url: `https://github.example/${owner}/${name}/pull/${number}`,
    state: "open" as const,
    title: String(body.title),
    body: String(body.body),
    user: { login: "twolane[bot]" },
    head: { ref: head, sha: "", repo: { id: state.repository.id } },
    base: { ref: base },
  }
  state.pulls.push(pull)
  return ok(pull, 201)
}

const updatePull = ({ state, params, body }: Call): Reply => {
  const pull = state.pulls.find(({ number }) => number === Number(params[2]))
  if (pull === undefined) return refuse(404, "Not Found")
  if (body.body !== undefined && !isText(body.body, maxBody)) return unfit("PullRequest", "body")
  if (typeof body.body === "string") pull.body = body.body
  return ok(pull)
}

const readPull = ({ state, params }: Call): Reply => {
  const pull = state.pulls.find(({ number }) => number === Number(params[2]))
  return pull === undefined ? refuse(404, "Not Found") : ok(pull)
}

const reviewOf = ({ state, params }: Call) => state.reviews.get(Number(params[2])) ?? []

const listComments = ({ state, params, query }: Call) => {
  const all = state.comments.filter(({ issue }) => issue === Number(params[2]))
  const size = Number(query.get("per_page") ?? 30)
  const page = Number(query.get("page") ?? 1)
  return all.slice((page - 1) * size, page * size)
}

const createComment = ({ state, params, body }: Call): Reply => {
  if (!isText(body.body, maxBody)) return unfit("IssueComment", "body")
  const comment = {
    id: (state.comments.at(-1)?.id ?? 8_999) + 1,
    issue: Number(params[2]),
    body: String(body.body),
    user: { id: 1, login: "twolane[bot]", type: "Bot" as const },
    performed_via_github_app: { id: state.appId },
  }
  state.comments.push(comment)
  return ok(comment, 201)
}

const updateComment = ({ state, params, body }: Call): Reply => {
  const comment = state.comments.find(({ id }) => id === Number(params[2]))
  if (comment === undefined) return refuse(404, "Not Found")
  if (!isText(body.body, maxBody)) return unfit("IssueComment", "body")
  comment.body = String(body.body)
  return ok(comment)
}

const deleteComment = ({ state, params }: Call): Reply => {
  const index = state.comments.findIndex(({ id }) => id === Number(params[2]))
  if (index < 0) return refuse(404, "Not Found")
  state.comments.splice(index, 1)
  return { status: 204, body: undefined }
}

const permissionOf = ({ state, params }: Call): Reply => {
  const person = state.people.find(({ login }) => login === params[2])
  if (person === undefined) return refuse(404, "Not Found")
  const { id, login, permission } = person
  return ok({ permission, user: { id, login } })
}

const listChecks = ({ state, params }: Call): Reply => {
  const runs = state.checks.filter(({ head_sha }) => head_sha === params[2])
  return ok({ total_count: runs.length, check_runs: runs })
}
