import { join } from "node:path"
import type { Config } from "@twolane/common"
import { type ModelServer, makeSampleRepo, samplePrompt, sampleScript, startModel } from "@twolane/testkit"
import type { Output } from "../output.ts"

/** The name that the sample repository is registered under. */
const sampleRepo = "sample"

/** Starts the simulated model, for a machine on which no model is configured. */
export const startSimulation = (): Promise<ModelServer> =>
  startModel({ script: sampleScript, models: ["simulated"], apiKey: "simulated" })

/** Where the gateway is, for whom the sample is registered. */
export type SampleOffer = { config: Config; url: string; apiKey: string; output: Output }

/** Makes and registers the sample repository, and says what to try on it. */
export const offerSample = async (offer: SampleOffer, signal: AbortSignal): Promise<void> => {
  const { config, output } = offer
  output.line(
    "No model is configured: a SIMULATED model answers. Set OPENAI_API_KEY (or OPENAI_BASE_URL) for a real one.",
  )
  const folder = await makeSampleRepo(join(config.dataDir, sampleRepo))
  const refusal = await register(offer, folder, signal)
  if (refusal !== null) output.note(`The sample repository could not be registered: ${refusal}`)
  else output.line(`Try it: npx twolane run -r ${sampleRepo} "${samplePrompt}"`)
}

const register = async (
  { url, apiKey }: SampleOffer,
  source: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const answer = await fetch(`${url}/v1/repos`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ name: sampleRepo, source }),
    signal,
  })
  // 409: registered by an earlier start.
  return answer.ok || answer.status === 409 ? null : `${answer.status} ${await answer.text()}`
}
