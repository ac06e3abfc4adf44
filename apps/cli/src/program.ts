import { ClientProblem, Unreachable } from "@twolane/client"
import { ConfigError } from "@twolane/common"
import { oneLine } from "@twolane/common/clean"
import { CommanderError } from "commander"
import { buildProgram } from "./commands.ts"
import { CommandError, exitCodes, UsageError } from "./exit.ts"
import { type Output, processOutput } from "./output.ts"

/** Runs the command line; answers the exit code of the contract. */
export const run = async (args: readonly string[]): Promise<number> => {
  const output = processOutput(args.includes("--json"))
  let exitCode: number = exitCodes.succeeded
  const program = buildProgram(output, code => {
    exitCode = code
  })
  try {
    await program.parseAsync([...args], { from: "user" })
    return exitCode
  } catch (error) {
    return report(error, output)
  }
}

const report = (error: unknown, output: Output): number => {
  if (error instanceof CommanderError) return reportUsage(error, output)
  if (error instanceof ClientProblem) {
    output.value({ error: error.problem })
    return say(output, problemWords(error), exitCodes.failed)
  }
  const failure = failureOf(error)
  if (failure === null) throw error
  output.value({ error: { code: failure.code, detail: failure.message } })
  return say(output, failure.message, failure.exitCode)
}

/** Commander has said what was wrong, or shown its help. */
const reportUsage = ({ exitCode, message }: CommanderError, output: Output): number => {
  if (exitCode === 0) return exitCodes.succeeded
  output.value({ error: { code: "usage", detail: message } })
  return exitCodes.usage
}

type Failure = { code: string; message: string; exitCode: number }

const failureOf = (error: unknown): Failure | null => {
  if (error instanceof UsageError || error instanceof ConfigError)
    return { code: "usage", message: error.message, exitCode: exitCodes.usage }
  if (error instanceof Unreachable)
    return {
      code: "unreachable",
      message: `${error.message}: is Twolane running? (npm start)`,
      exitCode: exitCodes.unreachable,
    }
  if (error instanceof CommandError)
    return { code: "failed", message: error.message, exitCode: error.exitCode }
  return null
}

const problemWords = ({ problem, message, code }: ClientProblem): string => {
  // The gateway speaks of headers; who calls this has a setting.
  if (code === "unauthorized")
    return "The API key is not valid at this gateway: set TWOLANE_API_KEY, or call this where `npm start` keeps its data. (unauthorized)"
  const places = (problem.errors ?? []).map(({ path, message: what }) => `\n  ${path}: ${oneLine(what)}`)
  return `${oneLine(message, 1_000)} (${code})${places.join("")}`
}

const say = (output: Output, message: string, exitCode: number): number => {
  output.note(`twolane: ${message}`)
  return exitCode
}
