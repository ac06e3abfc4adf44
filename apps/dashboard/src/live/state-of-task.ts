import { noUsage, type Task, type TaskState, type Turn, type TurnState } from "@twolane/protocol"

/**
 * A task's view as a state that the protocol's fold goes on from. What a view does not hold is neutral here: it serves the worker, and
 * no surface shows it. Folding an event onto it and viewing the result gives what the gateway would show.
 */
export const stateOfTask = (task: Task): TaskState => ({
  id: task.id,
  team: task.team,
  repo: task.repo,
  title: task.title,
  prompt: task.prompt,
  by: task.by,
  origin: task.origin,
  labels: task.labels,
  priority: task.priority,
  ...(task.group === undefined ? {} : { group: task.group }),
  baseRef: task.base,
  baseAtSubmit: task.base,
  // Whether it is fixed yet is not in the view; the event that fixes it names the same commit, or the one to show from then on.
  base: null,
  branch: task.branch,
  ...(task.head === undefined ? {} : { head: task.head }),
  pushed: null,
  ...(task.pullRequest === undefined ? {} : { pullRequest: pullOf(task.pullRequest) }),
  createdAt: task.createdAt,
  ...(task.startedAt === undefined ? {} : { startedAt: task.startedAt }),
  ...(task.endedAt === undefined ? {} : { endedAt: task.endedAt }),
  attempt: 0,
  attemptOpen: false,
  lastEventId: task.lastEventId,
  turns: task.turns.map(turn => stateOfTurn(turn, task)),
  checkpoint: task.reviewHead === undefined ? null : { sha: task.reviewHead, portable: true },
  // What an accept would deliver is no commit of the branch: it is work that no commit holds.
  ...(task.reviewHead === undefined || task.reviewHead === task.head || task.change === undefined
    ? {}
    : { work: task.change }),
  ...(task.change === undefined ? {} : { change: task.change }),
  ...(task.tests === undefined ? {} : { tests: testsOf(task.tests) }),
  review: task.review,
  usage: task.usage,
  gates: task.gates.map(({ id, turn, kind, detail, subject, openedAt }) => ({
    gate: id,
    turn,
    kind,
    detail,
    openedAt,
    ...(subject === undefined ? {} : { subject }),
  })),
  steers: [],
})

const testsOf = ({ status, failedAtBase }: NonNullable<Task["tests"]>): NonNullable<TaskState["tests"]> => ({
  status,
  ...(failedAtBase === undefined ? {} : { failedAtBase }),
})

const stateOfTurn = (turn: Turn, task: Task): TurnState => ({
  id: turn.id,
  lane: turn.lane,
  status: turn.status,
  prompt: turn.prompt,
  by: task.by,
  options: {},
  from: "checkpoint",
  ...(turn.outcome === undefined ? {} : { outcome: turn.outcome }),
  attempts: turn.attempts,
  queuedAt: turn.queuedAt,
  ...(turn.startedAt === undefined ? {} : { startedAt: turn.startedAt }),
  ...(turn.endedAt === undefined ? {} : { endedAt: turn.endedAt }),
  queueReason: "",
  usage: turn.usage ?? noUsage,
  runningMs: 0,
  lostInRow: 0,
  retries: 0,
  trips: {},
  cycles: 0,
  startCheckpoint: null,
  decisions: [],
  planAllowed: false,
})

const pullOf = ({
  url,
  number,
}: NonNullable<Task["pullRequest"]>): NonNullable<TaskState["pullRequest"]> => ({
  url,
  ...(number === undefined ? {} : { number }),
})
