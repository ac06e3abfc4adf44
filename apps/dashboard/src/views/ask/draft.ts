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
  /** How many try it; or a fast one against a deep one. */
  candidates: "1" | "2" | "3" | "4" | "5" | "race"
  /** Of the candidates, by commas. */
  models: string
  /** Tasks that must have succeeded first. */
  after: readonly string[]
  /** As `datetime-local` writes it, in the reader's zone; empty: at once. */
  notBefore: string
  /** As above; empty: whenever its turn comes. */
  startBy: string
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
  candidates: "1",
  models: "",
  after: [],
  notBefore: "",
  startBy: "",
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

/** A time that was typed, epoch ms; undefined for none. */
export const timeOf = (typed: string): number | undefined => {
  const at = new Date(typed).getTime()
  return Number.isNaN(at) ? undefined : at
}

/** Whether a draft's task may wait for others or for a time: a fast one, and one that races against others, begins at once. */
export const mayWait = ({ lane, candidates }: Pick<Draft, "lane" | "candidates">): boolean =>
  lane !== "fast" && candidates !== "race"

/** Whether a draft's task may have a time by which it must have begun: a fast one is refused at once where there is no room for it. */
export const mayExpire = ({ lane }: Pick<Draft, "lane">): boolean => lane !== "fast"

/** Whether several tasks may try a draft: a fast one alone is for who waits for it. */
export const mayCompete = ({ lane }: Pick<Draft, "lane">): boolean => lane !== "fast"

/** Who tries a draft, as its request says it; undefined for one task alone. */
export const candidatesOf = (draft: Draft): TaskInput["candidates"] => {
  const { candidates } = draft
  if (!mayCompete(draft) || candidates === "1") return undefined
  if (candidates === "race") return [{ lane: "fast" }, { lane: "deep" }]
  const models = parts(draft.models, /,/)
  const count = Number(candidates)
  if (models.length === 0) return count
  return Array.from({ length: count }, (_, index) =>
    models[index] === undefined ? {} : { model: models[index] },
  )
}

/** The request of a draft: only what differs from the gateway's defaults. */
export const requestOf = (draft: Draft): TaskInput => {
  const scope = parts(draft.scope, /\s+/)
  const labels = parts(draft.labels, /,/)
  const base = draft.base.trim()
  const model = draft.model.trim()
  const notBefore = mayWait(draft) ? timeOf(draft.notBefore) : undefined
  const startBy = mayExpire(draft) ? timeOf(draft.startBy) : undefined
  const after = mayWait(draft) ? draft.after : []
  const candidates = candidatesOf(draft)
  return {
    repo: draft.repo,
    // A race has a candidate in each lane.
    lane: candidates !== undefined && draft.candidates === "race" ? "auto" : draft.lane,
    prompt: draft.prompt,
    ...(base === "" ? {} : { base }),
    ...(scope.length === 0 ? {} : { scope }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(model === "" ? {} : { model }),
    ...(draft.test === "targeted" ? {} : { test: draft.test }),
    ...(draft.priority === "normal" ? {} : { priority: draft.priority }),
    ...(draft.plan === "none" ? {} : { plan: draft.plan }),
    ...(draft.publish === "none" ? {} : { publish: draft.publish }),
    ...(after.length === 0 ? {} : { after: [...after] }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(startBy === undefined ? {} : { startBy }),
    ...(candidates === undefined ? {} : { candidates }),
  }
}
