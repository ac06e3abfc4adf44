import { Fault, type TurnOptions } from "@twolane/protocol"

/**
 * Refuses what the contract has and this version has not, by name.
 * @throws Fault not-implemented
 */
export const refuseUnbuilt = ({ engine }: TurnOptions): void => {
  if (engine === undefined || engine === "builtin") return
  throw new Fault("not-implemented", "Not built yet: engine.", {
    errors: [{ path: "engine", message: "is not built yet" }],
  })
}

/**
 * Refuses what the fast lane has on purpose not, with the way to have it; see docs/decisions/012-what-a-fast-turn-does-not-take.md.
 * @throws Fault not-in-fast-lane
 */
export const refuseSlow = ({
  plan,
  notBefore,
  after,
}: Pick<TurnOptions, "plan"> & {
  notBefore?: number | undefined
  after?: readonly string[] | undefined
}): void => {
  const errors = [
    ...(plan === "approve"
      ? [{ path: "plan", message: "a fast turn's patch is its plan, and it is judged as it is written" }]
      : []),
    ...(notBefore === undefined ? [] : [{ path: "notBefore", message: "a fast turn begins at once" }]),
    ...(after === undefined || after.length === 0
      ? []
      : [{ path: "after", message: "a fast turn begins at once" }]),
  ]
  if (errors.length === 0) return
  const fields = errors.map(({ path }) => path).join(", ")
  throw new Fault("not-in-fast-lane", `The deep lane takes ${fields}: send it with lane deep or auto.`, {
    errors,
  })
}

/**
 * Refuses a task that could not begin in time whatever is free.
 * @throws Fault invalid
 */
export const refuseLate = (
  now: number,
  { notBefore = now, startBy }: { notBefore?: number | undefined; startBy?: number | undefined },
): void => {
  if (startBy === undefined || startBy > Math.max(now, notBefore)) return
  const message = startBy > now ? "must be after notBefore" : "must be a time to come"
  throw new Fault("invalid", `startBy: ${message}`, { errors: [{ path: "startBy", message }] })
}
