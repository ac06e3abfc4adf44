import { judgePrompt } from "@twolane/common/guardrails/judge"
import { Fault, maxPromptChars } from "@twolane/protocol"

/**
 * Checks a text for the model before anything of it is stored.
 * @throws Fault prompt-too-long, guardrail-denied
 */
export const checkPrompt = async (text: string, path = "prompt"): Promise<void> => {
  if (text.length > maxPromptChars)
    throw new Fault("prompt-too-long", `It has ${text.length} characters.`, {
      errors: [{ path, message: `at most ${maxPromptChars} characters` }],
    })
  const trips = await judgePrompt(text)
  if (trips.length === 0) return
  const errors = trips.map(({ detail }) => ({ path, message: detail }))
  throw new Fault("guardrail-denied", errors.map(({ message }) => message).join("; "), { errors })
}
