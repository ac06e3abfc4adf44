import { type Task, TaskId, TaskRequest, TurnRequest } from "@twolane/protocol"
import { z } from "zod"
import { pathOf } from "../../inside/asking.ts"
import { startTurn } from "../../inside/start-turn.ts"
import { summarize, TaskSummary } from "../summary.ts"
import { adds, tool } from "../tool.ts"

const { shape } = TaskRequest

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, "must be 1 to 255 visible ASCII characters")
  .optional()
  .describe("A text of your own. The same call with the same key within 24 h is done once.")

const times = "must be epoch milliseconds, or a time with its zone such as 2026-12-24T18:00:00+01:00"

/** A time as a model can write it, too; it becomes what the route takes. */
const timeOf = (schema: typeof shape.notBefore) =>
  z
    .union(
      [schema.unwrap(), z.iso.datetime({ offset: true, error: times }).transform(text => Date.parse(text))],
      times,
    )
    .optional()

const SubmitInput = TaskRequest.extend({
  repo: shape.repo.describe("A repo's name, as repos lists them."),
  prompt: shape.prompt.describe(
    "The whole order. The agent sees the repo and this text, not your conversation: say what to change, where, and how to tell that it is right.",
  ),
  lane: shape.lane.describe(
    "fast: one small, scoped change, in seconds, while the user waits. deep: larger work over several files, minutes to hours, in the background. auto: Twolane chooses.",
  ),
  base: shape.base.describe("A branch, tag or commit to begin from; the default branch without it."),
  scope: shape.scope.describe(
    "Globs of the files that it is about, such as src/cart/**. The fast lane reads them first.",
  ),
  publish: shape.publish.describe("What becomes of the branch by itself; none leaves it to accept."),
  plan: shape.plan.describe("approve: the agent shows its plan at a gate first, and a person decides."),
  after: shape.after.describe(
    "Ids of tasks that must succeed first; when one of them does not, this one fails.",
  ),
  notBefore: timeOf(shape.notBefore).describe(
    "When it may begin at the earliest: epoch milliseconds, or a time with its zone such as 2026-12-24T18:00:00+01:00.",
  ),
  startBy: timeOf(shape.startBy).describe(
    "When it must have begun to be worth doing, said as notBefore is; what still waits then ends as failed (expired).",
  ),
  changes: shape.changes.describe(
    "An unfinished change to begin from: a git patch (git diff --binary) against base.",
  ),
  candidates: shape.candidates.describe(
    "Several tasks try it, each for itself: a number from 2 to 5, or a list with a lane and a model for each; with one of them fast it is a race. Costs as many times as much; only when the user asks for it. compare shows them.",
  ),
  idempotencyKey,
})

const FollowUpInput = TurnRequest.extend({
  task: TaskId,
  prompt: TurnRequest.shape.prompt.describe("What to do next. The agent remembers the task's earlier turns."),
  lane: TurnRequest.shape.lane.describe("Another lane than the last turn's hands the task off to it."),
  interrupt: TurnRequest.shape.interrupt.describe(
    "Ends a turn that runs; without it the new one waits, or is refused.",
  ),
  idempotencyKey,
})

/** Orders work: a new task, or the next turn of one. */
export const submitTools = [
  tool({
    name: "submit",
    title: "Submit a task",
    description:
      "Hands a coding task to an agent of Twolane, which works on a branch of its own in an isolated checkout, runs the tests, and leaves a change for review. Answers at once with the task's id; follow it with watch. Nothing is pushed before accept, unless publish says so.",
    annotations: adds,
    input: SubmitInput,
    output: TaskSummary,
    act: async (asking, { idempotencyKey, ...body }) => {
      const call = { url: "/v1/tasks?onDisconnect=continue", body, idempotencyKey }
      return { value: await summarize(asking, await startTurn(asking, call)) }
    },
  }),
  tool({
    name: "follow_up",
    title: "Add a turn to a task",
    description:
      "Asks for more in a task that is there: its agent goes on from where the last turn left the change. Answers at once; follow it with watch. For a note to a turn that is running use steer.",
    annotations: adds,
    input: FollowUpInput,
    output: TaskSummary,
    act: async (asking, { task, idempotencyKey, ...body }) => {
      const call = { url: pathOf(task, "/turns?onDisconnect=continue"), body, idempotencyKey }
      const next: Task = await startTurn(asking, call)
      return { value: await summarize(asking, next) }
    },
  }),
]
