import type { GithubState } from "./state.ts"

/** An answer of the double. */
export type Reply = { status: number; body: unknown }

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

const inRepo = "/repos/([^/]+)/([^/]+)"
const at = (path: string): RegExp => new RegExp(`^${path}$`)

/** The calls of GitHub's API that Twolane makes, with the rules that matter: one open pull request of a branch to a base. */
export const routes: readonly Route[] = [
  ["POST", at("/app/installations/(\\d+)/access_tokens"), ({ state, params: [id] }) => tokenOf(state, id)],
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
  ["GET", at(`${inRepo}/collaborators/([^/]+)/permission`), call => permissionOf(call)],
  ["GET", at(`${inRepo}/commits/([^/]+)/check-runs`), call => listChecks(call)],
]

const tokenOf = (state: GithubState, id: string | undefined): Reply => {
  if (Number(id) !== state.installation) return refuse(404, "Not Found")
  const expires = new Date(Date.now() + 3_600_000).toISOString()
  return ok({ token: state.token, expires_at: expires, permissions: {}, repository_selection: "all" }, 201)
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
  const comment = {
    id: 9_000 + state.comments.length,
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
  comment.body = String(body.body)
  return ok(comment)
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
