import { describeModels } from "@twolane/agent/model/describe-models"
import type { LaneModel, Logger } from "@twolane/common"
import type { Lane } from "@twolane/protocol"
import type { TurnFailure } from "./leave-turn.ts"
import type { ModelVerdict } from "./worker-deps.ts"

/** How long the provider may take to list its models. */
const lookUpMs = 10_000

/** Looks a lane's model up once, by the list of models and never by a generation. */
export const lookUpModel = async (lane: Lane, model: LaneModel, log: Logger): Promise<ModelVerdict> => {
  const verdict = await describeModels(model, AbortSignal.timeout(lookUpMs)).catch(
    () => "no-verdict" as const,
  )
  const name = lane.toUpperCase()
  if (verdict === "auth") log.error(`OPENAI_API_KEY or TWOLANE_${name}_API_KEY: the provider refuses the key`)
  if (verdict === "unknown")
    log.error({ model: model.model }, `TWOLANE_${name}_MODEL: the provider has no such model`)
  return verdict
}

/** The failure of every turn of a lane whose model is known to be wrong; null when it is not. */
export const modelFault = (lane: Lane, model: LaneModel, verdict: ModelVerdict): TurnFailure | null => {
  const name = lane.toUpperCase()
  if (verdict === "auth") {
    const detail = `the model's provider refuses the key (OPENAI_API_KEY or TWOLANE_${name}_API_KEY)`
    return { code: "model-auth", detail }
  }
  if (verdict !== "unknown") return null
  return { code: "model-unknown", detail: `the provider has no model ${model.model} (TWOLANE_${name}_MODEL)` }
}
