import { join } from "node:path"
import { ClientProblem, createClient, Unreachable } from "@twolane/client"
import { type Config, simulatedKey } from "@twolane/common"
import { sample } from "@twolane/protocol"
import { type ModelServer, makeSampleRepo, sampleScript, startModel } from "@twolane/testkit"
import type { Output } from "../output.ts"

/** Starts the simulated model, for a machine on which no model is configured. */
export const startSimulation = (): Promise<ModelServer> =>
  startModel({
    script: sampleScript,
    models: ["simulated"],
    apiKey: simulatedKey,
    keepRequests: 0,
    steering: "native",
  })

/** Where the gateway is, for whom the sample is registered. */
export type SampleOffer = { config: Config; url: string; apiKey: string; output: Output }

/** Makes and registers the sample repository, and says what to try on it. */
export const offerSample = async (offer: SampleOffer, signal: AbortSignal): Promise<void> => {
  const { config, output } = offer
  output.line(
    "No model is configured: a SIMULATED model answers. Set OPENAI_API_KEY (or OPENAI_BASE_URL) for a real one.",
  )
  const folder = await makeSampleRepo(join(config.dataDir, sample.repo))
  const refusal = await register(offer, folder, signal)
  if (refusal !== null) output.note(`The sample repository could not be registered: ${refusal}`)
  else output.line(`Try it: npx twolane run -r ${sample.repo} "${sample.prompt}"`)
}

/** Null when it is registered, now or by an earlier start; else why not. */
const register = async (
  { url, apiKey }: SampleOffer,
  source: string,
  signal: AbortSignal,
): Promise<string | null> => {
  try {
    await createClient({ baseUrl: url, apiKey, origin: "cli" }).registerRepo(
      { name: sample.repo, source },
      { signal },
    )
    return null
  } catch (error) {
    if (error instanceof ClientProblem) return error.code === "already-exists" ? null : error.message
    if (error instanceof Unreachable) return error.message
    throw error
  }
}
