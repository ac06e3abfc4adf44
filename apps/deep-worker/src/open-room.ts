import { deepInstructions, deepRequest, packetInWords, type TurnPlan, type TurnPorts } from "@twolane/agent"
import { openModel } from "@twolane/agent/model/open-model"
import { type DerivedSignal, derive } from "@twolane/common"
import { rulesInWords } from "@twolane/common/guardrails/judge"
import { branchOf, type TurnState, turnOf } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import {
  createJudge,
  findGround,
  type Ground,
  limitsOf,
  listenToCalls,
  modelFault,
  priceOf,
  type Room,
  readAgentsFile,
  readHandoff,
  startTrail,
  type TurnFailure,
  type WorkerDeps,
  watchStall,
} from "@twolane/turns"
import { hasCommit, type OpenedWorkspace, treeChange } from "@twolane/workspace"

/** A turn's plan and world, ready for the loop. Disposing it closes the model and releases the workspace. */
export type DeepRoom = Room &
  AsyncDisposable & {
    plan: TurnPlan
    ports: TurnPorts
    /** Ends with `stalled` when nothing has happened for too long. */
    stallWatch(parent: AbortSignal): DerivedSignal
  }

/** Prepares everything that a turn needs. What keeps it from starting is a value; only aborts and bugs are thrown. */
export const openRoom = async (
  deps: WorkerDeps,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<DeepRoom | { fault: TurnFailure }> => {
  const fault = modelFault("deep", deps.model, deps.modelVerdict())
  if (fault !== null) return { fault }
  const ground = await findGround(deps, attempt, null, signal)
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

const furnish = async (
  deps: WorkerDeps,
  attempt: Attempt,
  ground: Ground,
  opened: Extract<OpenedWorkspace, { ok: true }>,
  signal: AbortSignal,
): Promise<DeepRoom> => {
  const { workspace } = opened
  const { repo, mirror, base } = ground
  const turn = turnOf(attempt.state(), attempt.turn)
  if (turn === undefined) throw new Error(`the task has no turn ${attempt.turn}`)
  const model = turn.options.model ?? deps.model.model
  const endpoint = { ...deps.model, model }
  const session = openModel(endpoint, deps.rates.gateOf(endpoint))
  const activity = watchStall()
  const hearing = listenToCalls()
  const trail = startTrail(deps, attempt, ground)
  const agentsFile = await readAgentsFile(mirror, base, signal)
  const changed = await changedBefore(ground, turn, signal)
  const handoff = await takeOver(deps, attempt)
  const checkpoint: TurnPorts["checkpoint"] = within => trail.save(workspace, within)
  return {
    plan: planOf({ deps, ground, turn, model, opened, agentsFile, changed, handoff }),
    ports: {
      journal: hearing.journal(activity.journal(attempt)),
      workspace,
      model: session,
      judge: createJudge({ ...ground, current: trail.current }),
      price: usage => priceOf(deps.prices, model, usage),
      checkpoint,
    },
    repo,
    mirror,
    base,
    log: deps.log,
    kill: () => workspace.kill(),
    heard: () => hearing.heard(),
    checkpoint,
    stallWatch: parent => activity.watch(derive(parent)),
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]()
      await workspace[Symbol.asyncDispose]()
    },
  }
}

/** The same in every attempt, so that the conversation goes on as it began. */
const changedBefore = async (
  { mirror, base }: Ground,
  { startCheckpoint }: TurnState,
  signal: AbortSignal,
): Promise<string[]> => {
  if (startCheckpoint === null || !(await hasCommit(mirror, startCheckpoint, signal))) return []
  return (await treeChange(mirror, base, startCheckpoint, signal)).map(({ path }) => path)
}

/** What the fast lane hands over, in words. A turn that waited behind a fast one gets its packet when that one has ended. */
const takeOver = async ({ store }: WorkerDeps, attempt: Attempt): Promise<string | null> => {
  const taken = await readHandoff(store, attempt)
  return taken === null ? null : packetInWords(taken.packet, taken.from)
}

type Planning = {
  deps: WorkerDeps
  ground: Ground
  turn: TurnState
  model: string
  opened: Extract<OpenedWorkspace, { ok: true }>
  agentsFile: string | null
  changed: readonly string[]
  handoff: string | null
}

const planOf = ({ deps, ground, turn, model, opened, agentsFile, changed, handoff }: Planning): TurnPlan => ({
  model,
  instructions: deepInstructions,
  request: deepRequest({
    repo: ground.repo.name,
    branch: branchOf(ground.task),
    base: ground.base,
    prompt: turn.prompt,
    agentsFile,
    testCommand: opened.testCommand,
    changed,
    handoff,
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
