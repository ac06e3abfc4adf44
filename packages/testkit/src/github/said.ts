/** Bodies of GitHub's webhooks, in the shapes that were recorded, cut to what matters and a little around it. */
import type { GithubState } from "./state.ts"

type Who = { id: number; login: string; type?: "User" | "Bot" }

const userOf = ({ id, login, type = "User" }: Who) => ({
  login,
  id,
  node_id: `U_${id}`,
  avatar_url: `https://avatars.example/u/${id}`,
  type,
  site_admin: false,
})

const around = (state: GithubState, sender: Who) => ({
  repository: {
    id: state.repository.id,
    name: state.repository.name,
    full_name: `${state.repository.owner}/${state.repository.name}`,
    private: true,
    owner: { login: state.repository.owner, id: 7, type: "Organization" },
  },
  organization: { login: state.repository.owner, id: 7 },
  sender: userOf(sender),
  installation: { id: state.installation, node_id: "I_1" },
})

/** GitHub's times have whole seconds. */
const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`

/** An issue, or with `isPull` the pull request of that number. */
export type SaidIssue = { number: number; title: string; body: string; by: Who; isPull?: boolean }

const issueOf = ({ number, title, body, by, isPull = false }: SaidIssue, at: number) => ({
  id: 5_000_000 + number,
  number,
  title,
  body,
  user: userOf(by),
  state: "open",
  labels: [],
  comments: 1,
  created_at: time(at),
  updated_at: time(at),
  ...(isPull ? { pull_request: { url: `https://api.github.example/pulls/${number}` } } : {}),
})

let nextId = 700_000

/** `issue_comment`, `created`. */
export const saidComment = (
  state: GithubState,
  { issue, body, by, at = Date.now() }: { issue: SaidIssue; body: string; by: Who; at?: number },
) => ({
  action: "created",
  issue: issueOf(issue, at),
  comment: {
    id: nextId++,
    body,
    user: userOf(by),
    created_at: time(at),
    updated_at: time(at),
    author_association: "CONTRIBUTOR",
    performed_via_github_app: null,
  },
  ...around(state, by),
})

/** `issues`, `opened` or `labeled`. */
export const saidIssue = (
  state: GithubState,
  { issue, label, by, at = Date.now() }: { issue: SaidIssue; label?: string; by: Who; at?: number },
) => ({
  action: label === undefined ? "opened" : "labeled",
  issue: issueOf(issue, at),
  ...(label === undefined ? {} : { label: { id: 31, name: label, color: "ededed" } }),
  ...around(state, by),
})

/** `pull_request_review`, `submitted`; `comments` are what its lines say. */
export const saidReview = (
  state: GithubState,
  {
    pull,
    body,
    by,
    comments = [],
  }: {
    pull: number
    body: string | null
    by: Who
    comments?: { path: string; line: number; diff_hunk: string; body: string }[]
  },
) => {
  const id = nextId++
  state.reviews.set(id, comments)
  return {
    action: "submitted",
    review: { id, body, state: "changes_requested", user: userOf(by), submitted_at: time(Date.now()) },
    pull_request: {
      number: pull,
      state: "open",
      user: userOf({ id: 1, login: "twolane[bot]", type: "Bot" }),
    },
    ...around(state, by),
  }
}

/** `check_suite`, `completed`. */
export const saidChecks = (
  state: GithubState,
  { branch, sha, conclusion = "failure" }: { branch: string; sha: string; conclusion?: string },
) => ({
  action: "completed",
  check_suite: {
    id: nextId++,
    head_branch: branch,
    head_sha: sha,
    status: "completed",
    conclusion,
    updated_at: time(Date.now()),
    app: { id: 15_368, slug: "github-actions" },
  },
  ...around(state, { id: 41_898_282, login: "github-actions[bot]", type: "Bot" }),
})
