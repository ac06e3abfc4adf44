import { failedConclusions } from "@twolane/github"
import { z } from "zod"

const User = z.object({ id: z.number(), login: z.string(), type: z.string() })
const Issue = z.object({
  number: z.number(),
  title: z.string(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }),
  pull_request: z.object({}).nullish(),
})
const Where = z.object({
  action: z.string(),
  repository: z.object({ id: z.number() }),
  installation: z.object({ id: z.number() }),
  sender: User,
})
const time = z.string().transform(text => Date.parse(text))

const IssueComment = Where.extend({
  issue: Issue,
  comment: z.object({ id: z.number(), body: z.string(), user: User, created_at: time }),
})
const Issues = Where.extend({
  issue: Issue.extend({ id: z.number(), created_at: time, updated_at: time }),
  label: z.object({ id: z.number(), name: z.string() }).optional(),
})
const Review = Where.extend({
  review: z.object({
    id: z.number(),
    body: z.string().nullish(),
    state: z.string(),
    user: User,
    submitted_at: time,
  }),
  pull_request: z.object({ number: z.number() }),
})
const CheckSuite = Where.extend({
  check_suite: z.object({
    head_branch: z.string().nullish(),
    head_sha: z.string(),
    conclusion: z.string().nullish(),
    updated_at: time,
  }),
})

/** Somebody at GitHub. */
export type Person = { id: number; login: string }

/** An issue or pull request as its own people wrote it. */
export type Thread = { number: number; title: string; body: string; author: string; isPull: boolean }

/** What a delivery means for us. `key` names what was said, so that it is done once; `at` is when it was (epoch ms). */
export type GithubDelivery = { repository: number; installation: number; key: string; at: number } & (
  | { what: "comment"; thread: Thread; text: string; by: Person }
  | { what: "label"; thread: Thread; label: string; by: Person }
  | { what: "review"; pull: number; review: number; text: string; by: Person }
  | { what: "checks"; branch: string; sha: string }
)

/** What a delivery says; null when it is nothing to us: another event or action, or a machine's own words. */
export const readDelivery = (event: string, raw: Buffer): GithubDelivery | null => {
  switch (event) {
    case "issue_comment":
      return commented(IssueComment.parse(parse(raw)))
    case "issues":
      return onIssue(Issues.parse(parse(raw)))
    case "pull_request_review":
      return reviewed(Review.parse(parse(raw)))
    case "check_suite":
      return checked(CheckSuite.parse(parse(raw)))
    default:
      return null
  }
}

const parse = (raw: Buffer): unknown => JSON.parse(raw.toString("utf8"))

const of = ({ repository, installation }: z.infer<typeof Where>) => ({
  repository: repository.id,
  installation: installation.id,
})

const threadOf = ({ number, title, body, user, pull_request: pull }: z.infer<typeof Issue>): Thread => ({
  number,
  title,
  body: body ?? "",
  author: user.login,
  isPull: pull != null,
})

const isPerson = ({ type }: z.infer<typeof User>): boolean => type === "User"

const commented = (said: z.infer<typeof IssueComment>): GithubDelivery | null => {
  const { comment, issue, action } = said
  if (action !== "created" || !isPerson(comment.user)) return null
  const { id, body: text, user: by, created_at: at } = comment
  return { ...of(said), key: `comment/${id}`, at, what: "comment", thread: threadOf(issue), text, by }
}

/** An issue that is opened is its own first comment. */
const onIssue = (said: z.infer<typeof Issues>): GithubDelivery | null => {
  const { action, issue, label, sender: by } = said
  if (!isPerson(by)) return null
  const thread = threadOf(issue)
  if (action === "opened")
    return {
      ...of(said),
      key: `issue/${issue.id}`,
      at: issue.created_at,
      what: "comment",
      thread,
      text: thread.body,
      by,
    }
  if (action !== "labeled" || label === undefined) return null
  const at = issue.updated_at
  // A label that comes, goes and comes again asks again.
  const key = `label/${issue.id}/${label.id}/${at}`
  return { ...of(said), key, at, what: "label", thread, label: label.name, by }
}

const reviewed = (said: z.infer<typeof Review>): GithubDelivery | null => {
  const { action, review, pull_request: pull } = said
  if (action !== "submitted" || !isPerson(review.user)) return null
  const { id, body, user: by, submitted_at: at } = review
  return {
    ...of(said),
    key: `review/${id}`,
    at,
    what: "review",
    pull: pull.number,
    review: id,
    text: body ?? "",
    by,
  }
}

const checked = (said: z.infer<typeof CheckSuite>): GithubDelivery | null => {
  const { head_branch: branch, head_sha: sha, conclusion, updated_at: at } = said.check_suite
  if (said.action !== "completed" || branch == null || !failedConclusions.has(conclusion ?? "")) return null
  // However many suites fail on a commit, it is mended once.
  return { ...of(said), key: `checks/${sha}`, at, what: "checks", branch, sha }
}
