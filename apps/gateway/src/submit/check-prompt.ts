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
  await refuseSecrets(text, path)
}

/**
 * Checks a change that a task begins with, which its log would keep: what it adds, in the words of a prompt's check.
 * @throws Fault guardrail-denied
 */
export const checkChanges = (patch: string): Promise<void> =>
  refuseSecrets(
    patch
      .split("\n")
      .filter(line => line.startsWith("+") && !line.startsWith("+++ "))
      .map(line => line.slice(1))
      .join("\n"),
    "changes",
  )

const refuseSecrets = async (text: string, path: string): Promise<void> => {
  const trips = await judgePrompt(text)
  if (trips.length === 0) return
  const errors = trips.map(({ detail }) => ({ path, message: detail }))
  throw new Fault("guardrail-denied", errors.map(({ message }) => message).join("; "), { errors })
}
