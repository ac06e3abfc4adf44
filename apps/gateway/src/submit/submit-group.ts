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
 * Creates the tasks of a request with `candidates`, or those of them that an earlier try did not come to. All begin from the same commit.
 * @throws Fault invalid, not-implemented, no-worker, and as `planTask`
 */
export const submitGroup = async (
  gateway: Gateway,
  submission: Omit<Submission, "to">,
): Promise<TaskState[]> => {
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
const refuseUnfit = ({ lane, test, publish, changes }: TaskRequest, group: GroupOf): void => {
  if (changes !== undefined)
    throw new Fault("not-implemented", "Not built yet: candidates that begin with a change of yours.", {
      errors: [{ path: "changes", message: "is not built yet together with candidates" }],
    })
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
