import type { QueueLimitsInput } from "@twolane/client"
import { Lane } from "@twolane/protocol"
import { type Command, InvalidArgumentError, Option } from "commander"
import { z } from "zod"
import type { Act } from "../commands.ts"
import { defined } from "../defined.ts"
import { UsageError } from "../exit.ts"
import { none, OrNone } from "./or-none.ts"
import { limitsCommand, pauseCommand, queueCommand } from "./queue.ts"

const PauseOptions = z.object({ lane: Lane.optional(), repo: z.string().optional() })

const Named = z.record(z.string(), z.number().nullable()).optional()
const LimitOptions = z.object({
  team: z.string().optional(),
  perRepo: OrNone,
  perTeam: OrNone,
  perPerson: OrNone,
  perProvider: OrNone,
  urgent: OrNone,
  share: OrNone,
  atOnce: OrNone,
  reserved: OrNone,
  repo: Named,
  provider: Named,
})

const limit = (text: string): number | typeof none => {
  if (text === none) return text
  if (!/^[1-9]\d{0,4}$/.test(text))
    throw new InvalidArgumentError("It must be a whole number from 1, or none.")
  return Number(text)
}

/** `name=3`, as often as wanted. */
const named = (text: string, before: Record<string, number | null> = {}): Record<string, number | null> => {
  const at = text.lastIndexOf("=")
  if (at < 1) throw new InvalidArgumentError("It must be a name and a number, such as shop=3.")
  const most = limit(text.slice(at + 1))
  return { ...before, [text.slice(0, at)]: most === none ? null : most }
}

/** What waits and runs, its pauses and its limits. */
export const addQueue = (program: Command, act: Act): void => {
  const queue = program.command("queue").description("what waits and runs in each lane")
  queue.command("show", { isDefault: true }).action(() => act(queueCommand))
  for (const name of ["pause", "resume"] as const)
    queue
      .command(name)
      .description(
        name === "pause" ? "start no further turns, of a lane or of one repo" : "start turns again",
      )
      .addOption(new Option("--lane <lane>").choices(Lane.options))
      .option("-r, --repo <name>", "turns of this repo alone")
      .action(options =>
        act(context => pauseCommand(context, name === "pause", defined(PauseOptions.parse(options)))),
      )
  queue
    .command("limits")
    .description("how the deep lane's slots are given away; with options, change that (a number, or none)")
    .option("--per-repo <count>", "turns at once of each repo", limit)
    .option("--per-team <count>", "of each team", limit)
    .option("--per-person <count>", "of each person; with --team, of that team", limit)
    .option("--per-provider <count>", "with each provider of models", limit)
    .option("--urgent <count>", "slots kept for urgent turns", limit)
    .option("--provider <host=count>", "turns at once with one provider", named)
    .option("--team <name>", "the team that the options below are about")
    .option("--share <count>", "its share of the slots, against 1 of the others", limit)
    .option("--at-once <count>", "its turns at once", limit)
    .option("--reserved <count>", "slots kept for it", limit)
    .option("-r, --repo <name=count>", "turns at once of one of its repos", named)
    .action(options => act(context => limitsCommand(context, changeOf(LimitOptions.parse(options)))))
}

type Asked = z.infer<typeof LimitOptions>

const changeOf = (asked: Asked): QueueLimitsInput => {
  const { team, share, atOnce, reserved, repo, provider, perPerson, ...ofLane } = asked
  const ofTeam = defined({ share, atOnce, reserved, repos: repo })
  const lane = { ...ofLane, providers: provider }
  if (team !== undefined)
    return defined({ ...lane, teams: { [team]: { ...ofTeam, ...defined({ perPerson }) } } })
  if (Object.keys(ofTeam).length > 0) throw new UsageError("Name the team with --team.")
  return defined({ ...lane, perPerson })
}
