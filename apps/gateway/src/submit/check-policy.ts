import { policyFor, refuseGlobs } from "@twolane/common/guardrails/policy"
import type { RepoFile } from "@twolane/common/guardrails/repo-file"
import { Fault, type FaultPlace, type Lane, type TurnOptions } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"

/**
 * Checks what a turn asks for against the rules of its repo at its base.
 * @throws Fault invalid, guardrail-loosened, price-unknown
 */
export const checkPolicy = (
  gateway: Gateway,
  file: RepoFile | undefined,
  lane: Lane,
  options: TurnOptions,
): void => {
  const { guardrails: request, scope, budget, model } = options
  const asked = {
    request,
    ...(scope === undefined ? {} : { scope }),
    ...(budget === undefined ? {} : { budget }),
  }
  const globs = refuseGlobs(asked)
  if (globs.length > 0) throw new Fault("invalid", "Some fields are wrong; see errors.", { errors: globs })
  const merged = policyFor({ lane, file, ...asked })
  if (!merged.ok) throw new Fault("guardrail-loosened", inWords(merged.loosened), { errors: merged.loosened })
  const priced = model ?? gateway.config.models[lane].model
  if (merged.policy.costNamed && gateway.prices[priced] === undefined) throw unpriced(priced, options)
}

const inWords = (places: readonly FaultPlace[]): string =>
  places.map(({ path, message }) => `${path}: ${message}`).join("; ")

/** The limit may be the request's or the repo's file's own. */
const unpriced = (model: string, { budget, guardrails }: TurnOptions): Fault => {
  const message = `there is no price for ${model}`
  const errors = [
    ...(budget?.costUsd === undefined ? [] : [{ path: "budget.costUsd", message }]),
    ...(guardrails?.maxCostUsd === undefined ? [] : [{ path: "guardrails.maxCostUsd", message }]),
  ]
  return new Fault(
    "price-unknown",
    `A cost limit is set and ${message}; add it to the price table (TWOLANE_PRICES).`,
    errors.length === 0 ? {} : { errors },
  )
}
