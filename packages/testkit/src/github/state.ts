/** What the double of GitHub knows: plain records in GitHub's own shapes, for tests to read and set. */

/** A pull request, as far as it is looked at. */
export type PullRecord = {
  number: number
  html_url: string
  state: "open" | "closed"
  title: string
  body: string | null
  user: { login: string }
  head: { ref: string; sha: string; repo: { id: number } | null }
  base: { ref: string }
}

/** A comment on an issue or pull request. */
export type CommentRecord = {
  id: number
  issue: number
  body: string
  user: { id: number; login: string; type: "Bot" | "User" }
  performed_via_github_app: { id: number } | null
}

/** A check of a commit. */
export type CheckRecord = {
  id: number
  name: string
  head_sha: string
  conclusion: string
  output: { title: string | null; summary: string | null; text: string | null }
}

/** One try to deliver something. */
export type DeliveryRecord = {
  id: number
  guid: string
  delivered_at: string
  redelivery: boolean
  status: string
  status_code: number
  event: string
  action: string | null
  /** Sends the same once more; GitHub shows nothing of it. */
  again: () => Promise<DeliveryRecord>
}

/** A request as it came. `as` is `app`, `installation` or `token`. */
export type RequestRecord = { method: string; path: string; as: string; body: unknown }

/**
 * How requests are answered that a test has a mood for. `lose`: it is done, and the connection breaks before the answer; `lose-quietly`: it
 * is done, and no answer comes; `hang`: nothing happens.
 */
export type Mood = {
  fits: (method: string, path: string) => boolean
  times: number
  answer: { status: number; headers?: Record<string, string> } | "lose" | "lose-quietly" | "hang"
}

/** All of it. */
export type GithubState = {
  repository: { id: number; owner: string; name: string }
  installation: number
  /** The token that the installation has now. */
  token: string
  appId: number
  app: { name: string; permissions: Record<string, string>; events: string[] }
  /** Where the App's deliveries go. */
  hookUrl: string
  pulls: PullRecord[]
  /** Comments on lines, by review. */
  reviews: Map<number, { path: string; line: number; diff_hunk: string; body: string }[]>
  comments: CommentRecord[]
  checks: CheckRecord[]
  /** By numeric user id and login. */
  people: { id: number; login: string; permission: "admin" | "write" | "read" | "none" }[]
  /** Deliveries to the App's webhook, oldest first. */
  deliveries: DeliveryRecord[]
  requests: RequestRecord[]
  moods: Mood[]
}
