import type { TaskInput } from "@twolane/client"

/** What is being asked, as it is typed: kept in this tab until it is sent. */
export type Draft = {
  repo: string
  lane: "fast" | "deep" | "auto"
  prompt: string
  base: string
  /** Globs, by blanks or lines. */
  scope: string
  /** By commas. */
  labels: string
  model: string
  test: "targeted" | "all" | "none"
  priority: "urgent" | "high" | "normal" | "low"
  plan: "none" | "approve"
  publish: "none" | "branch" | "pull_request"
}

/** A draft in which nothing was said. */
export const emptyDraft: Draft = {
  repo: "",
  lane: "auto",
  prompt: "",
  base: "",
  scope: "",
  labels: "",
  model: "",
  test: "targeted",
  priority: "normal",
  plan: "none",
  publish: "none",
}

const storageKey = "twolane-draft"

/** The draft that was left in this tab. */
export const keptDraft = (): Draft => {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? "{}")
    return typeof kept === "object" ? { ...emptyDraft, ...kept } : emptyDraft
  } catch {
    return emptyDraft // storage is forbidden here, or another version's: one begins anew
  }
}

/** Keeps it for when one comes back. */
export const keepDraft = (draft: Draft): void => {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(draft))
  } catch {
    // As above: it lives as long as the view.
  }
}

const parts = (text: string, by: RegExp): string[] =>
  text
    .split(by)
    .map(part => part.trim())
    .filter(Boolean)

/** The request of a draft: only what differs from the gateway's defaults. */
export const requestOf = (draft: Draft): TaskInput => {
  const scope = parts(draft.scope, /\s+/)
  const labels = parts(draft.labels, /,/)
  const base = draft.base.trim()
  const model = draft.model.trim()
  return {
    repo: draft.repo,
    lane: draft.lane,
    prompt: draft.prompt,
    ...(base === "" ? {} : { base }),
    ...(scope.length === 0 ? {} : { scope }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(model === "" ? {} : { model }),
    ...(draft.test === "targeted" ? {} : { test: draft.test }),
    ...(draft.priority === "normal" ? {} : { priority: draft.priority }),
    ...(draft.plan === "none" ? {} : { plan: draft.plan }),
    ...(draft.publish === "none" ? {} : { publish: draft.publish }),
  }
}
