import { Lane } from "@twolane/protocol"
import { type Command, Option } from "commander"
import { z } from "zod"
import type { Act } from "../commands.ts"
import { defined } from "../defined.ts"
import { addQueue } from "./define-queue.ts"
import { addSpend } from "./define-spend.ts"
import { diskCommand, reclaimCommand } from "./disk.ts"
import { hindsightCommand } from "./hindsight.ts"
import { positive } from "./positive.ts"
import { addRepoCommand, credentialCommand, githubCommand, removeRepoCommand, reposCommand } from "./repos.ts"
import { kpisCommand } from "./team.ts"
import { drainCommand, resumeCommand, workersCommand } from "./workers.ts"

const BranchOptions = z.object({ branch: z.string().optional() })
const CredentialOptions = z.object({
  user: z.string().optional(),
  sshKey: z.string().optional(),
  knownHosts: z.string().optional(),
  remove: z.boolean().optional(),
})
const GithubOptions = z.object({
  label: z.string().optional(),
  fixTurns: z.number().optional(),
  team: z.string().optional(),
  remove: z.boolean().optional(),
})
const KpiOptions = z.object({
  window: z.enum(["1h", "24h", "7d", "30d"]),
  lane: Lane.optional(),
  repo: z.string().optional(),
  model: z.string().optional(),
})

const ends = ["succeeded", "failed", "canceled", "limited", "handed_off"] as const
const HindsightOptions = z.object({
  status: z.enum(ends),
  lane: Lane.optional(),
  repo: z.string().optional(),
  other: z.boolean().optional(),
  limit: z.number().optional(),
  cursor: z.string().optional(),
})
const WaitOptions = z.object({ wait: z.boolean().optional() })

const laneOption = () => new Option("--lane <lane>").choices(Lane.options)

/** Repos, the queue and the team's figures. */
export const addTeamCommands = (program: Command, act: Act): void => {
  addRepos(program, act)
  addQueue(program, act)
  addSpend(program, act)
  program
    .command("kpis")
    .description("how fast the team gets correct changes")
    .addOption(new Option("--window <window>").choices(["1h", "24h", "7d", "30d"]).default("24h"))
    .addOption(laneOption())
    .option("-r, --repo <name>")
    .option("--model <name>")
    .action(options => act(context => kpisCommand(context, defined(KpiOptions.parse(options)))))
  program
    .command("hindsight")
    .description("which lane past tasks should have taken, newest first")
    .addOption(new Option("--status <status>", "how they ended").choices(ends).default("succeeded"))
    .addOption(laneOption())
    .option("-r, --repo <name>")
    .option("--other", "only those that should have taken the other lane")
    .option("--limit <count>", "look at so many (1 to 200)", positive)
    .option("--cursor <cursor>")
    .action(options =>
      act(context => {
        const { other = false, ...query } = HindsightOptions.parse(options)
        return hindsightCommand(context, defined(query), other)
      }),
    )
  addDisk(program, act)
  addWorkers(program, act)
}

const addWorkers = (program: Command, act: Act): void => {
  const workers = program.command("workers").description("who runs turns, and which take new ones")
  workers.command("show", { isDefault: true }).action(() => act(workersCommand))
  workers
    .command("drain <worker>")
    .description("let it take no new turns; what it has goes on")
    .option("--wait", "until it has nothing to do any more")
    .action((worker, options) =>
      act(context => drainCommand(context, { worker, wait: WaitOptions.parse(options).wait ?? false })),
    )
  workers
    .command("resume <worker>")
    .description("let it take turns again")
    .action(worker => act(context => resumeCommand(context, worker)))
}

const addDisk = (program: Command, act: Act): void => {
  const disk = program.command("disk").description("what repos take on each machine")
  disk.command("show", { isDefault: true }).action(() => act(diskCommand))
  disk
    .command("reclaim <repo>")
    .description(
      "pack its mirror, drop what setups made and what discarded tasks alone held, on every machine",
    )
    .option("--wait", "until each machine has done it")
    .action((repo, options) =>
      act(context => reclaimCommand(context, { repo, wait: WaitOptions.parse(options).wait ?? false })),
    )
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
  repos
    .command("github <name>")
    .description("link it with the GitHub repository that its source is, through the GitHub App")
    .option("--label <label>", "an issue that gets it starts a task")
    .option("--fix-turns <count>", "turns in a row that failing checks may start (0 to 5, default 1)", Number)
    .option("--team <name>", "whose repo it is, when it is another team's (for the key of the settings)")
    .option("--remove")
    .action((name, options) =>
      act(context => githubCommand(context, { name, ...GithubOptions.parse(options) })),
    )
}
