import type { Lane, LaneRules, TurnOptions, Verdict } from "@twolane/protocol"
import { laneDefaults, ruleVerdicts } from "./defaults.ts"
import { refuseGlob } from "./glob.ts"
import type { RepoFile } from "./repo-file.ts"
import type { RuleName } from "./trip.ts"

/** The rules of one turn, merged. A null number is no limit. */
export type Policy = {
  lane: Lane
  maxFiles: number
  /** Added and removed lines together, lockfiles not counted. */
  maxChangedLines: number
  /** Red test results until they are used up. */
  maxCycles: number
  /** What follows then. */
  afterCycles: "limited" | "hand_off"
  maxSeconds: number
  maxSteps: number | null
  maxTokens: number | null
  maxCostUsd: number | null
  /** Whether the cost limit is the repo's file's or the request's own: without a price it can't be kept, and is refused. */
  costNamed: boolean
  /** A path is in scope when each list has a match for it. */
  scopes: string[][]
  /** Adds to the paths that always are protected. */
  protected: string[]
  verdicts: Record<RuleName, Verdict>
}

/** A place in a request that would loosen a rule. */
export type Loosened = { path: string; message: string }

type Numbered =
  | "maxFiles"
  | "maxChangedLines"
  | "maxCycles"
  | "maxSeconds"
  | "maxSteps"
  | "maxTokens"
  | "maxCostUsd"
const numbered: readonly Numbered[] = [
  "maxFiles",
  "maxChangedLines",
  "maxCycles",
  "maxSeconds",
  "maxSteps",
  "maxTokens",
  "maxCostUsd",
]
/** The verdicts that a file or a request may name, each with the rules that it is of. */
const judged = {
  newDependencies: ["newDependencies"],
  testTampering: ["testTampering"],
  commands: ["commands"],
  overSize: ["maxFiles", "maxChangedLines"],
} as const satisfies Partial<Record<keyof LaneRules, readonly RuleName[]>>
type Judged = keyof typeof judged
const judgedNames = Object.keys(judged) as Judged[]
const budgeted = {
  seconds: "maxSeconds",
  tokens: "maxTokens",
  costUsd: "maxCostUsd",
  steps: "maxSteps",
} as const satisfies Record<string, Numbered>

/** How little a verdict lets through, from all to nothing. */
const strictness: Record<Verdict, number> = { allow: 0, ask: 1, hand_off: 2, steer: 3, deny: 4 }

/** What a turn's request says about guardrails. */
export type PolicyRequest = {
  lane: Lane
  /** `twolane.yaml` at the base commit; without one the defaults serve. */
  file: RepoFile | undefined
  /** `guardrails` of the request. */
  request: LaneRules | undefined
  scope?: TurnOptions["scope"]
  budget?: TurnOptions["budget"]
}

/**
 * Merges a lane's defaults, the repo's file (which may loosen them) and a request (which may only tighten): numbers
 * by minimum, scopes by intersection, verdicts by the stricter one. `loosened` names each place of the request that
 * asks for more than the repo allows (422 `guardrail-loosened`).
 */
export function policyFor(
  from: PolicyRequest,
): { ok: true; policy: Policy } | { ok: false; loosened: [Loosened, ...Loosened[]] } {
  const policy = basePolicy(from.lane, from.file)
  const [first, ...rest] = [
    ...tighten(policy, from.request ?? {}),
    ...tightenBudget(policy, from.budget ?? {}),
  ]
  if (first) return { ok: false, loosened: [first, ...rest] }
  policy.scopes.push(...[from.request?.scope, from.scope].filter(scope => scope !== undefined))
  return { ok: true, policy }
}

/** Which globs of a request can't be used, each with its place. */
export function refuseGlobs(request: Pick<PolicyRequest, "request" | "scope">): Loosened[] {
  const lists: [string, readonly string[] | undefined][] = [
    ["scope", request.scope],
    ["guardrails.scope", request.request?.scope],
    ["guardrails.protected", request.request?.protected],
  ]
  return lists.flatMap(([path, globs]) =>
    (globs ?? []).flatMap((glob, n) => {
      const message = refuseGlob(glob)
      return message === null ? [] : [{ path: `${path}.${n}`, message }]
    }),
  )
}

function basePolicy(lane: Lane, file: RepoFile | undefined): Policy {
  const named: LaneRules = file?.guardrails[lane] ?? {}
  const given = laneDefaults[lane]
  return {
    lane,
    maxFiles: named.maxFiles ?? given.maxFiles,
    maxChangedLines: named.maxChangedLines ?? given.maxChangedLines,
    maxCycles: named.maxCycles ?? given.maxCycles,
    afterCycles: named.afterCycles ?? given.afterCycles,
    maxSeconds: named.maxSeconds ?? given.maxSeconds,
    maxSteps: named.maxSteps ?? given.maxSteps ?? null,
    maxTokens: named.maxTokens ?? given.maxTokens ?? null,
    maxCostUsd: named.maxCostUsd ?? given.maxCostUsd ?? null,
    costNamed: named.maxCostUsd !== undefined,
    scopes: [[...(named.scope ?? given.scope)]],
    protected: [...(file?.guardrails.protected ?? []), ...(named.protected ?? [])],
    verdicts: {
      ...ruleVerdicts[lane],
      ...(named.overSize && { maxFiles: named.overSize, maxChangedLines: named.overSize }),
      newDependencies: named.newDependencies ?? given.newDependencies,
      testTampering: named.testTampering ?? given.testTampering,
      commands: named.commands ?? given.commands,
    },
  }
}

function tighten(policy: Policy, request: LaneRules): Loosened[] {
  const loosened: Loosened[] = []
  for (const name of numbered) loosened.push(...lower(policy, name, request[name], `guardrails.${name}`))
  for (const name of judgedNames) {
    const asked = request[name]
    const now = policy.verdicts[judged[name][0]]
    if (asked === undefined) continue
    if (strictness[asked] < strictness[now])
      loosened.push({
        path: `guardrails.${name}`,
        message: `the repo says '${now}', '${asked}' would loosen it`,
      })
    else for (const rule of judged[name]) policy.verdicts[rule] = asked
  }
  // A turn that ends is held tighter than one that goes on elsewhere.
  if (request.afterCycles === "hand_off" && policy.afterCycles === "limited")
    loosened.push({ path: "guardrails.afterCycles", message: "the turn ends 'limited' here" })
  else policy.afterCycles = request.afterCycles ?? policy.afterCycles
  policy.protected.push(...(request.protected ?? []))
  return loosened
}

function tightenBudget(policy: Policy, budget: NonNullable<TurnOptions["budget"]>): Loosened[] {
  return Object.entries(budgeted).flatMap(([key, name]) =>
    lower(policy, name, budget[key as keyof typeof budgeted], `budget.${key}`),
  )
}

function lower(policy: Policy, name: Numbered, asked: number | undefined, path: string): Loosened[] {
  const now = policy[name]
  if (asked === undefined) return []
  if (now !== null && asked > now) return [{ path, message: `the repo allows at most ${now}, not ${asked}` }]
  policy[name] = asked
  if (name === "maxCostUsd") policy.costNamed = true
  return []
}
