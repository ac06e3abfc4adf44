import { type Command, Option } from "commander"
import { z } from "zod"
import type { Act } from "../commands.ts"
import { decideCommand, gatesCommand } from "./gates.ts"
import { acceptCommand, diffCommand, discardCommand } from "./tasks.ts"

const DiffOptions = z.object({ from: z.enum(["base", "turn"]), stat: z.boolean().default(false) })
const AcceptOptions = z.object({
  how: z.enum(["push", "merge", "pull_request"]),
  head: z.string().optional(),
  here: z.boolean().default(false),
})
const NoteOptions = z.object({ note: z.string().optional() })

/** What a person does with a change, and with questions that wait. */
export const addChangeCommands = (program: Command, act: Act): void => {
  program
    .command("diff <task>")
    .description("the change as a patch")
    .addOption(
      new Option("--from <what>", "since the base, or by the last turn")
        .choices(["base", "turn"])
        .default("base"),
    )
    .option("--stat", "the files alone")
    .action((task, options) => act(context => diffCommand(context, task, DiffOptions.parse(options))))
  program
    .command("accept <task>")
    .description("deliver the change")
    .addOption(
      new Option("--how <how>", "push the branch, merge it, or open a pull request")
        .choices(["push", "merge", "pull_request"])
        .default("push"),
    )
    .option("--head <commit>", "the task's reviewHead that you looked at: nothing else is delivered")
    .option("--here", "apply the patch to this clean checkout instead")
    .action((task, options) => act(context => acceptCommand(context, task, AcceptOptions.parse(options))))
  program
    .command("discard <task>")
    .description("the change is not wanted")
    .action(task => act(context => discardCommand(context, task)))
  addGates(program, act)
}

const addGates = (program: Command, act: Act): void => {
  const gates = program.command("gates").description("questions that wait for a person")
  gates.command("list", { isDefault: true }).action(() => act(gatesCommand))
  for (const decision of ["allow", "deny"] as const)
    gates
      .command(`${decision} <task> <gate>`)
      .description(decision === "allow" ? "go on" : "do not; with a note the model tries another way")
      .option("--note <text>")
      .action((task, gate, options) =>
        act(context =>
          decideCommand(context, { task, gate, decision, note: NoteOptions.parse(options).note }),
        ),
      )
}
