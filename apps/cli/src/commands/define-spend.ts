import { SpendBy } from "@twolane/protocol"
import { type Command, InvalidArgumentError } from "commander"
import { z } from "zod"
import type { Act } from "../commands.ts"
import { defined } from "../defined.ts"
import { UsageError } from "../exit.ts"
import { none, OrNone } from "./or-none.ts"
import { positive } from "./positive.ts"
import { budgetCommand, spendCommand } from "./spend.ts"

const BudgetOptions = z.object({
  team: z.string().optional(),
  usd: OrNone,
  tokens: OrNone,
  warnAt: z.number().optional(),
})
const SpendOptions = z.object({
  month: z.string().optional(),
  team: z.string().optional(),
  by: z.array(SpendBy).optional(),
  csv: z.boolean().default(false),
})

const limit = (text: string): number | typeof none => (text === none ? text : positive(text))

const percent = (text: string): number => {
  const value = positive(text.replace(/%$/, ""))
  if (value > 100) throw new InvalidArgumentError("It must be at most 100.")
  return value / 100
}

const parts = (text: string): SpendBy[] => {
  const parsed = z.array(SpendBy).safeParse(text.split(","))
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError(`It must be some of ${SpendBy.options.join(",")}.`)
}

/** What the team may spend, and what it has spent. */
export const addSpend = (program: Command, act: Act): void => {
  const team = ["--team <name>", "another team's (for whoever runs Twolane)"] as const
  const budget = program.command("budget").description("what the team may spend in each month")
  budget
    .command("show", { isDefault: true })
    .option(...team)
    .action(options => act(context => budgetCommand(context, defined(BudgetOptions.parse(options)))))
  budget
    .command("set")
    .description("change it; at its end no further turn starts, and what runs goes on")
    .option(...team)
    .option("--usd <amount>", "US dollars a month (the models need prices), or none", limit)
    .option("--tokens <count>", "tokens a month, in and out, or none", limit)
    .option("--warn-at <percent>", "when to warn (default 80)", percent)
    .action(options => {
      const { team: whose, ...change } = defined(BudgetOptions.parse(options))
      if (Object.keys(change).length === 0)
        throw new UsageError("Say what to change: --usd, --tokens or --warn-at.")
      return act(context => budgetCommand(context, { ...change, ...defined({ team: whose }) }))
    })
  program
    .command("spend")
    .description("what turns that ended in a month have used, the dearest first")
    .option("--month <month>", "such as 2026-11 (default: this one, in UTC)")
    .option("--by <parts>", `told apart by some of ${SpendBy.options.join(",")} (default: all)`, parts)
    .option("--team <name>", "another team's, or * for all (for whoever runs Twolane)")
    .option("--csv", "as CSV")
    .action(options => {
      const { csv, ...query } = SpendOptions.parse(options)
      return act(context => spendCommand(context, defined(query), csv))
    })
}
