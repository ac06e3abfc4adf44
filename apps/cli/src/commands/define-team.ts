import { Lane } from "@twolane/protocol"
import { type Command, Option } from "commander"
import { z } from "zod"
import type { Act } from "../commands.ts"
import { defined } from "../defined.ts"
import { addRepoCommand, credentialCommand, removeRepoCommand, reposCommand } from "./repos.ts"
import { kpisCommand, pauseCommand, queueCommand } from "./team.ts"

const BranchOptions = z.object({ branch: z.string().optional() })
const CredentialOptions = z.object({
  user: z.string().optional(),
  sshKey: z.string().optional(),
  knownHosts: z.string().optional(),
  remove: z.boolean().optional(),
})
const KpiOptions = z.object({
  window: z.enum(["1h", "24h", "7d", "30d"]),
  lane: Lane.optional(),
  repo: z.string().optional(),
  model: z.string().optional(),
})

const laneOption = () => new Option("--lane <lane>").choices(Lane.options)

/** Repos, the queue and the team's figures. */
export const addTeamCommands = (program: Command, act: Act): void => {
  addRepos(program, act)
  const queue = program.command("queue").description("what waits and runs in each lane")
  queue.command("show", { isDefault: true }).action(() => act(queueCommand))
  for (const name of ["pause", "resume"] as const)
    queue
      .command(name)
      .description(name === "pause" ? "start no further turns" : "start turns again")
      .addOption(laneOption())
      .action(options =>
        act(context => pauseCommand(context, name === "pause", KpiOptions.shape.lane.parse(options.lane))),
      )
  program
    .command("kpis")
    .description("how fast the team gets correct changes")
    .addOption(new Option("--window <window>").choices(["1h", "24h", "7d", "30d"]).default("24h"))
    .addOption(laneOption())
    .option("-r, --repo <name>")
    .option("--model <name>")
    .action(options => act(context => kpisCommand(context, defined(KpiOptions.parse(options)))))
}

const addRepos = (program: Command, act: Act): void => {
  const repos = program.command("repos").description("registered repositories")
  repos.command("list", { isDefault: true }).action(() => act(reposCommand))
  repos
    .command("add <name> <source>")
    .description("register a path, https:// or ssh:// source")
    .option("--branch <name>", "its default branch")
    .action((name, source, options) =>
      act(context => addRepoCommand(context, { name, source, branch: BranchOptions.parse(options).branch })),
    )
  repos.command("rm <name>").action(name => act(context => removeRepoCommand(context, name)))
  repos
    .command("credential <name>")
    .description("how its source knows us: a token from standard input, or an ssh key")
    .option("--user <name>", "the user name that goes with the token")
    .option("--ssh-key <file>")
    .option("--known-hosts <file>")
    .option("--remove")
    .action((name, options) =>
      act(context => credentialCommand(context, { name, ...CredentialOptions.parse(options) })),
    )
}
