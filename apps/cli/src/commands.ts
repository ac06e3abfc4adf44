import { Command } from "commander"
import { addAccessCommands } from "./commands/define-access.ts"
import { addAskCommand } from "./commands/define-ask.ts"
import { addChangeCommands } from "./commands/define-change.ts"
import { addChatCommands } from "./commands/define-chat.ts"
import { addMcpCommand } from "./commands/define-mcp.ts"
import { addTaskCommands } from "./commands/define-task.ts"
import { addTeamCommands } from "./commands/define-team.ts"
import { addUpCommands } from "./commands/define-up.ts"
import { addWebhookCommands } from "./commands/define-webhooks.ts"
import { type Context, connect } from "./connect.ts"
import type { Output } from "./output.ts"

/** Runs one command with a client; its exit code is the program's. */
export type Act = (command: (context: Context) => Promise<number>) => Promise<void>

/** The whole command line. `setExitCode` gets each command's exit code. */
export const buildProgram = (output: Output, setExitCode: (code: number) => void): Command => {
  const program = new Command("twolane")
    .description("Coding agents in two lanes: a fast one while you wait, a deep one while you don't.")
    .option("--json", "print one JSON value, or JSON lines")
    .showHelpAfterError("(twolane --help shows every command)")
    .exitOverride()
  const act: Act = async command => {
    using stop = stopOnCtrlC()
    setExitCode(await command({ client: connect(), output, signal: stop.signal }))
  }
  addUpCommands(program, output, setExitCode)
  addAskCommand(program, act)
  addTaskCommands(program, act)
  addChangeCommands(program, act)
  addTeamCommands(program, act)
  addAccessCommands(program, act)
  addWebhookCommands(program, act)
  addChatCommands(program, act)
  addMcpCommand(program, act)
  return program
}

/** A signal that the first Ctrl-C ends; a second one ends the process, as it would without us. */
const stopOnCtrlC = (): Disposable & { signal: AbortSignal } => {
  const controller = new AbortController()
  const onInterrupt = () => controller.abort({ by: "user" })
  process.once("SIGINT", onInterrupt)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => process.removeListener("SIGINT", onInterrupt),
  }
}
