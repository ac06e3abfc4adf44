import { deepInstructions, deepRequest, type TurnPlan, type TurnPorts } from "@twolane/agent"
import { openModel } from "@twolane/agent/model/open-model"
import { type DerivedSignal, derive, type Logger } from "@twolane/common"
import { rulesInWords } from "@twolane/common/guardrails/judge"
import type { Policy } from "@twolane/common/guardrails/policy"
import { branchOf, type Repo, type TaskState, type TurnState, turnOf } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { exportPack, type Mirror, type OpenedWorkspace, readBlob } from "@twolane/workspace"
import { findGround, type Ground } from "./ground.ts"
import { createJudge } from "./judge.ts"
import type { TurnFailure } from "./leave-turn.ts"
import { priceOf } from "./price.ts"
import { watchStall } from "./stall.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** A turn's plan and world, ready for the loop. Disposing it closes the model and releases the workspace. */
export type Room = AsyncDisposable & {
  plan: TurnPlan
  ports: TurnPorts
  repo: Repo
  mirror: Mirror
  base: string
  log: Logger
  /** Ends with `stalled` when nothing has happened for too long. */
  stallWatch(parent: AbortSignal): DerivedSignal
}

/** Prepares everything that a turn needs. What keeps it from starting is a value; only aborts and bugs are thrown. */
export const openRoom = async (
  deps: WorkerDeps,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Room | { fault: TurnFailure }> => {
  const verdict = deps.modelVerdict()
  if (verdict === "auth" || verdict === "unknown") return { fault: modelFault(deps, verdict) }
  const ground = await findGround(deps, attempt, signal)
  if ("fault" in ground) return ground
  const startedAt = performance.now()
  const opened = await deps.house.open(ground, signal)
  if (!opened.ok) return { fault: { code: opened.code, detail: opened.detail } }
  try {
    await attempt.write((_state, at) => [
      {
        type: "workspace.ready",
        base: ground.base,
        from: ground.checkpoint ?? ground.base,
        durationMs: Math.round(performance.now() - startedAt),
        setup: opened.setup,
        turn: attempt.turn,
        at,
      },
    ])
    return await furnish(deps, attempt, ground, opened, signal)
  } catch (error) {
    await opened.workspace[Symbol.asyncDispose]()
    throw error
  }
}

const modelFault = ({ model }: WorkerDeps, verdict: "auth" | "unknown"): TurnFailure =>
  verdict === "auth"
    ? {
        code: "model-auth",
        detail: "the model's provider refuses the key (OPENAI_API_KEY or TWOLANE_DEEP_API_KEY)",
      }
    : { code: "model-unknown", detail: `the provider has no model ${model.model} (TWOLANE_DEEP_MODEL)` }

const furnish = async (
  deps: WorkerDeps,
  attempt: Attempt,
  ground: Ground,
  opened: Extract<OpenedWorkspace, { ok: true }>,
  signal: AbortSignal,
): Promise<Room> => {
  const { workspace } = opened
  const turn = mustHave(attempt.state(), attempt.turn)
  const model = turn.options.model ?? deps.model.model
  const session = openModel({ ...deps.model, model })
  const activity = watchStall()
  let count = 0
  let current = ground.checkpoint ?? ground.base
  const checkpoint: TurnPorts["checkpoint"] = async within => {
    count += 1
    const { saved, refused } = await workspace.checkpoint({ attempt: attempt.attempt, n: count }, within)
    if (saved === null) return { saved, refused }
    current = saved.sha
    const pack = await exportPack(ground.mirror, { base: ground.base, sha: saved.sha }, within)
    const portable = pack !== null && (await deps.store.savePack(attempt, attempt.attempt, saved.sha, pack))
    return { saved: { ...saved, portable }, refused }
  }
  return {
    plan: planOf(deps, ground, turn, model, await agentsFile(ground, signal), opened),
    ports: {
      journal: activity.journal(attempt),
      workspace,
      model: session,
      judge: createJudge({ ...ground, current: () => current }),
      price: usage => priceOf(deps.prices, model, usage),
      checkpoint,
    },
    repo: ground.repo,
    mirror: ground.mirror,
    base: ground.base,
    log: deps.log,
    stallWatch: parent => activity.watch(derive(parent)),
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]()
      await workspace[Symbol.asyncDispose]()
    },
  }
}

const mustHave = (state: TaskState, id: string): TurnState => {
  const turn = turnOf(state, id)
  if (turn === undefined) throw new Error(`the task has no turn ${id}`)
  return turn
}

const maxAgentsFileBytes = 64 * 1024

const agentsFile = async ({ mirror, base }: Ground, signal: AbortSignal): Promise<string | null> =>
  (await readBlob(mirror, base, "AGENTS.md", maxAgentsFileBytes, signal))?.toString("utf8") ?? null

const planOf = (
  deps: WorkerDeps,
  ground: Ground,
  turn: TurnState,
  model: string,
  agentsText: string | null,
  opened: Extract<OpenedWorkspace, { ok: true }>,
): TurnPlan => ({
  model,
  instructions: deepInstructions,
  request: deepRequest({
    repo: ground.repo.name,
    branch: branchOf(ground.task),
    base: ground.base,
    prompt: turn.prompt,
    agentsFile: agentsText,
    testCommand: opened.testCommand,
    scope: turn.options.scope ?? [],
    approvePlan: turn.options.plan === "approve",
    noCommands: opened.noCommands,
    rules: rulesInWords(ground.policy),
  }),
  windowTokens: deps.model.contextTokens,
  limits: limitsOf(ground.policy, turn),
  test: opened.noCommands === null ? (turn.options.test ?? "targeted") : "none",
  approvePlan: turn.options.plan === "approve",
})

/** Each allowed budget gate of the turn allows as much money again. */
const limitsOf = (policy: Policy, turn: TurnState): TurnPlan["limits"] => {
  const allowed = turn.decisions.filter(
    ({ kind, decision }) => kind === "budget" && decision === "allow",
  ).length
  return {
    seconds: policy.maxSeconds,
    steps: policy.maxSteps ?? Number.POSITIVE_INFINITY,
    cycles: policy.maxCycles,
    tokens: policy.maxTokens,
    costUsd: policy.maxCostUsd === null ? null : policy.maxCostUsd * (1 + allowed),
    costNamed: policy.costNamed,
  }
}
