import {
  Fault,
  type FaultPlace,
  type GroupOf,
  groupOfFirst,
  isRace,
  siblingId,
  type TaskRequest,
  type TaskState,
} from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"
import { toDeep, toFast } from "./choose.ts"
import { planTask, type Submission } from "./submit.ts"

/** The id of a new group's first task. */
export const firstIdOf = (task: string): string => siblingId(task, 0)

/**
 * Creates the tasks of a request with `candidates`, or those of them that an earlier try (`again`) did not come to, and answers with the
 * first one's. All begin from the same commit.
 * @throws Fault invalid, no-worker, and as `planTask`
 */
export const makeGroup = async (
  gateway: Gateway,
  submission: Omit<Submission, "to">,
  { again }: { again: boolean },
): Promise<TaskState> => {
  const { task, caller } = submission
  // What an earlier try of the request wrote is not judged by what has come since.
  const made = again ? await gateway.store.read({ team: caller.team, task }) : null
  const [first] =
    made === null ? await submitGroup(gateway, submission) : await gateway.store.completeGroup(made)
  if (first === undefined) throw new Error(`the group of ${task} has no first candidate`)
  return first
}

const submitGroup = async (gateway: Gateway, submission: Omit<Submission, "to">): Promise<TaskState[]> => {
  const { task, request } = submission
  const group = planGroup(task, request)
  refuseUnfit(request, group)
  if (isRace(group)) await fastWorkerMustBeThere(gateway, submission)
  const [first] = group.candidates
  const to = first?.lane === "fast" ? toFast : toDeep
  return gateway.store.createGroup(await planTask(gateway, { ...submission, to, group }))
}

const planGroup = (task: string, { candidates = 2, model }: TaskRequest): GroupOf => {
  const asked =
    typeof candidates === "number"
      ? Array.from({ length: candidates }, () => ({ lane: "deep" as const, model: undefined }))
      : candidates
  return {
    id: groupOfFirst(task),
    candidates: asked.map(({ lane, model: own = model }, index) => ({
      task: siblingId(task, index),
      lane,
      ...(own === undefined ? {} : { model: own }),
    })),
  }
}

/** What goes not together with candidates, each with the way to have it. */
const refuseUnfit = ({ lane, test, publish }: TaskRequest, group: GroupOf): void => {
  const race = isRace(group)
  const errors: FaultPlace[] = [
    ...(lane === "fast" ? [{ path: "lane", message: "each candidate has its own; leave it out" }] : []),
    ...(lane === "deep" && race ? [{ path: "candidates", message: "one of them is not deep" }] : []),
    ...(race && test === "none" ? [{ path: "test", message: "a race is decided by the tests" }] : []),
    ...(publish === undefined || publish === "none"
      ? []
      : [{ path: "publish", message: "candidates are compared first; accept the one that you choose" }]),
  ]
  if (errors.length > 0) throw new Fault("invalid", "Some fields are wrong; see errors.", { errors })
}

/** A race without its fast candidate would be none. */
const fastWorkerMustBeThere = async (
  { store }: Gateway,
  { caller, request }: Omit<Submission, "to">,
): Promise<void> => {
  const { doors, paused } = await store.doors("fast", { team: caller.team, repo: request.repo, state: null })
  if (paused) throw new Fault("no-worker", "The fast lane is paused; ask for deep candidates alone.")
  if (doors.length === 0)
    throw new Fault("no-worker", "No fast worker is there; ask for deep candidates alone.")
}
