import { Fault, type TaskRequest, type TurnOptions } from "@twolane/protocol"

/**
 * Refuses what the contract has and this version has not, by name.
 * @throws Fault not-implemented
 */
export const refuseUnbuilt = (request: TurnOptions & Partial<Pick<TaskRequest, "after">>): void => {
  const { engine, publish, after } = request
  const unbuilt = [
    ...(engine === undefined || engine === "builtin" ? [] : ["engine"]),
    ...(publish === "pull_request" ? ["publish"] : []),
    ...(after === undefined || after.length === 0 ? [] : ["after"]),
  ]
  if (unbuilt.length > 0) throw notBuilt(unbuilt)
}

/**
 * Refuses what a fast turn has not: it begins at once, plans nothing, and starts from a commit.
 * @throws Fault not-implemented
 */
export const refuseSlow = ({
  plan,
  notBefore,
  changes,
}: Pick<TurnOptions, "plan"> & {
  notBefore?: number | undefined
  changes?: string | undefined
}): void => {
  const unbuilt = [
    ...(plan === "approve" ? ["plan"] : []),
    ...(notBefore === undefined ? [] : ["notBefore"]),
    ...(changes === undefined ? [] : ["changes"]),
  ]
  if (unbuilt.length > 0) throw notBuilt(unbuilt)
}

/** The refusal of fields that are not built yet. */
export const notBuilt = (fields: readonly string[]): Fault =>
  new Fault("not-implemented", `Not built yet: ${fields.join(", ")}.`, {
    errors: fields.map(path => ({ path, message: "is not built yet" })),
  })
