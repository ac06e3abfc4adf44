import { readConfig, readHost } from "@twolane/common"
import type { Command } from "commander"
import { exitCodes } from "../exit.ts"
import type { Output } from "../output.ts"
import { onStopSignals } from "../up/stop-signals.ts"

/** `up`, which runs Twolane itself, and `doctor`, which looks at the machine. */
export const addUpCommands = (
  program: Command,
  output: Output,
  setExitCode: (code: number) => void,
): void => {
  program
    .command("up")
    .description("run all of Twolane on this machine (npm start)")
    .action(async () => {
      // Loaded when they are asked for: they bring the store and the simulated model, which no other command needs.
      const { up } = await import("../up/up.ts")
      const stop = new AbortController()
      const force = new AbortController()
      const handlers = {
        stop: () => stop.abort({ by: "shutdown" }),
        force: () => force.abort({ by: "shutdown" }),
      }
      using _signals = onStopSignals(handlers, readHost().underNpm)
      await up({ config: readConfig(), output, stop, force: force.signal })
      setExitCode(exitCodes.succeeded)
    })
  program
    .command("doctor")
    .description("look whether this machine has what Twolane needs")
    .action(async () => {
      const { doctor } = await import("../doctor/doctor.ts")
      setExitCode(await doctor(output))
    })
}
