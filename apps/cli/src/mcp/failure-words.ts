import { SdkHttpError } from "@modelcontextprotocol/client"
import { oneLine } from "@twolane/common/clean"
import { z } from "zod"

const ProblemText = z.object({ title: z.string(), detail: z.string(), code: z.string() })

/** Why a message did not get through, in one line. */
export const failureWords = (url: string, error: unknown): string => {
  if (error instanceof SdkHttpError) return refusalWords(error)
  // What fetch throws when no one answers.
  if (error instanceof TypeError) return `cannot reach the gateway at ${url}: is Twolane running?`
  return oneLine(error instanceof Error ? error.message : String(error), maxChars)
}

const refusalWords = ({ data: { status, text } }: SdkHttpError): string => {
  const problem = ProblemText.safeParse(parsed(typeof text === "string" ? text : ""))
  if (!problem.success) return `the gateway answered ${String(status)}`
  const { title, detail, code } = problem.data
  return oneLine(`${title}: ${detail} (${code})`, maxChars)
}

const maxChars = 1_000

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null // not a document of ours
  }
}
