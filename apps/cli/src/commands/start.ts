import { ClientProblem } from "@twolane/client"
import { defined } from "../defined.ts"
import { CommandError, exitCodes, UsageError } from "../exit.ts"
import { uncommitted } from "./checkout.ts"

/** Where a new task begins, as the command line has it. */
export type StartOptions = { base?: string | undefined; withChanges?: boolean | undefined }

/**
 * Where a new task begins: at a base, or with this checkout's uncommitted work.
 * @throws UsageError when both are asked for, or there is no such work.
 */
export const startOf = async ({
  base,
  withChanges = false,
}: StartOptions): Promise<{ base?: string; changes?: string }> => {
  if (!withChanges) return defined({ base })
  if (base !== undefined)
    throw new UsageError("--with-changes begins at the checkout's own commit: leave --base out")
  return uncommitted()
}

/** What a refusal of a task means for one that begins with a checkout's work: its commit may never have been pushed. */
export const withAdvice = (error: unknown, { withChanges = false }: StartOptions, repo: string): unknown =>
  withChanges && error instanceof ClientProblem && error.code === "base-not-found"
    ? new CommandError(
        `--with-changes: the source of ${repo} does not have this checkout's commit: push it first`,
        exitCodes.failed,
        { cause: error },
      )
    : error
