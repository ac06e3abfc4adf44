import { type Command, Option } from "commander"
import { z } from "zod"
import type { Act } from "../commands.ts"
import { defined } from "../defined.ts"
import { cancelCommand } from "./cancel.ts"
import { compareCommand } from "./candidates.ts"
import { followToEnd } from "./follow.ts"
import { positive } from "./positive.ts"
import { RunOptions, runCommand } from "./run.ts"
import { interruptCommand, listCommand, retryCommand, steerCommand, undoCommand } from "./tasks.ts"
import { timeToCome } from "./time-to-come.ts"

const ListOptions = z.object({
  lane: z.enum(["fast", "deep"]).optional(),
  status: z
    .enum([
      "queued",
      "running",
      "waiting",
      "canceling",
      "succeeded",
      "failed",
      "canceled",
      "limited",
      "handed_off",
    ])
    .optional(),
  repo: z.string().optional(),
  label: z.string().optional(),
  by: z.string().optional(),
  q: z.string().optional(),
  limit: z.number().optional(),
  cursor: z.string().optional(),
})
const CancelOptions = ListOptions.pick({ lane: true, repo: true, label: true, by: true }).extend({
  status: z.enum(["queued", "running", "waiting"]).optional(),
  reason: z.string().optional(),
  yes: z.boolean().optional(),
})
const RetryOptions = z.object({ from: z.enum(["checkpoint", "base"]), wait: z.boolean().optional() })
const WatchOptions = z.object({ follow: z.boolean().optional() })

/** `run`, and the commands that look at and steer tasks. */
export const addTaskCommands = (program: Command, act: Act): void => {
  addRun(program, act)
  program
    .command("list")
    .description("tasks, newest first")
    .addOption(new Option("--lane <lane>").choices(["fast", "deep"]))
    .addOption(new Option("--status <status>").choices(ListOptions.shape.status.unwrap().options))
    .option("-r, --repo <name>")
    .option("--label <label>")
    .option("--by <name>", "who submitted them")
    .option("-q, --q <text>", "text in title or prompt")
    .option("--limit <count>", "at most so many (1 to 200)", positive)
    .option("--cursor <cursor>", "go on where the last page ended")
    .action(options => act(context => listCommand(context, defined(ListOptions.parse(options)))))
  program
    .command("watch <task>")
    .description("follow a task to its end; --json prints its events")
    .option("-f, --follow", "go on after its end")
    .action((task, options) =>
      act(context =>
        followToEnd(context, task, { json: "events", forever: WatchOptions.parse(options).follow === true }),
      ),
    )
  program
    .command("steer <task> <prompt...>")
    .description("tell the running turn something")
    .action((task, words: string[]) => act(context => steerCommand(context, task, words.join(" "))))
  program
    .command("interrupt <task>")
    .description("end the running turn; waiting turns go on")
    .action(task => act(context => interruptCommand(context, task)))
  program
    .command("cancel [tasks...]")
    .description(
      "end every open turn; of a group (its id in place of a task's) those of all its candidates; without a name those of all open tasks that the options leave",
    )
    .addOption(new Option("--lane <lane>").choices(["fast", "deep"]))
    .addOption(new Option("--status <status>").choices(CancelOptions.shape.status.unwrap().options))
    .option("-r, --repo <name>")
    .option("--label <label>")
    .option("--by <name>")
    .option("--reason <text>")
    .option("-y, --yes", "where no task is named: do it; without this they are only shown")
    .action((ids, options) =>
      act(context => cancelCommand(context, ids, defined(CancelOptions.parse(options)))),
    )
  program
    .command("compare <group>")
    .description("the candidates of one request beside each other; takes a task of theirs as well")
    .action(id => act(context => compareCommand(context, id)))
  program
    .command("undo <task>")
    .description("take back the newest change of the files")
    .action(task => act(context => undoCommand(context, task)))
  program
    .command("retry <task>")
    .description("the last prompt again")
    .addOption(
      new Option("--from <where>", "start from").choices(["checkpoint", "base"]).default("checkpoint"),
    )
    .option("--wait", "follow it to its end (the default on a terminal)")
    .option("--no-wait")
    .action((task, options) => act(context => retryCommand(context, task, RetryOptions.parse(options))))
}

const addRun = (program: Command, act: Act): void => {
  program
    .command("run [prompt...]")
    .description("hand a task to the deep lane")
    .option("-r, --repo <name>", "the repo (default: the one whose source is this checkout, or the only one)")
    .option("--task <task>", "a further turn of this task instead of a new one")
    .option("--base <ref>", "branch, tag or commit to begin at")
    .option("-s, --scope <glob...>", "only these files may change")
    .addOption(new Option("--test <which>", "which tests decide").choices(["targeted", "all", "none"]))
    .addOption(new Option("--priority <priority>").choices(["urgent", "high", "normal", "low"]))
    .option("--label <label>", "may be given more than once", each)
    .option("--after <task>", "start once that task has succeeded; may be given more than once", each)
    .option(
      "--not-before <time>",
      "start at this time or later, such as 22:30 or 2026-12-24T18:00",
      timeToCome,
    )
    .option("--start-by <time>", "not worth doing unless it has started by this time", timeToCome)
    .option("--model <name>")
    .addOption(
      new Option("--plan <how>", "approve: ask before anything is written").choices(["none", "approve"]),
    )
    .addOption(new Option("--publish <how>", "when it succeeded").choices(["none", "branch", "pull_request"]))
    .option("--max-seconds <count>", "running time", positive)
    .option("--max-tokens <count>", "tokens", positive)
    .option("--max-cost <usd>", "US dollars (the model needs a price)", positive)
    .option("--max-steps <count>", "model calls", positive)
    .option("--candidates <what>", "several try it: a number (2 to 5), or models with commas between")
    .option("--race", "a fast candidate and a deep one; a green fast one ends the race")
    .option("--with-changes", "begin with this checkout's uncommitted work")
    .option("--wait", "follow it to its end (the default on a terminal)")
    .option("--no-wait")
    .action((words: string[], options) =>
      act(context => runCommand(context, words, RunOptions.parse(options))),
    )
}

/** Gathers the values of an option that may be given more than once: one that took many words at once would take the prompt, too. */
const each = (value: string, before: readonly string[] = []): string[] => [...before, value]
