import { type Actor, Fault, isAuthor, type TaskState } from "@twolane/protocol"

/**
 * Refuses an approval by somebody whose own words made the change, where the repo asks for another person's. Whoever allows at a gate and
 * whoever accepts is looked at here, whatever they came by.
 * @throws Fault own-approval
 */
export const refuseAuthor = (state: TaskState, by: Actor, byAnother: boolean): void => {
  if (byAnother && isAuthor(state, by))
    throw new Fault(
      "own-approval",
      `${by.name} asked for it or gave its agent a note, and twolane.yaml wants another person's approval (approvals.by).`,
    )
}
