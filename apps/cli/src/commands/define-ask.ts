import { type Command, Option } from "commander"
import type { Act } from "../commands.ts"
import { AskOptions, askCommand } from "./ask.ts"

/** `ask`, the fast lane. */
export const addAskCommand = (program: Command, act: Act): void => {
  program
    .command("ask [prompt...]")
    .description("one scoped change while you wait, in the fast lane")
    .option("-r, --repo <name>", "the repo (default: the one whose source is this checkout, or the only one)")
    .option("-s, --scope <glob...>", "only these files may change")
    .option("--task <task>", "a further turn of this task instead of a new one")
    .option("--take-over", "with --task: end the turn that runs there first")
    .option("--base <ref>", "branch, tag or commit to begin at")
    .addOption(new Option("--test <which>", "which tests run").choices(["targeted", "all", "none"]))
    .option("--model <name>")
    .option("--with-changes", "begin with this checkout's uncommitted work")
    .action((words: string[], options) =>
      act(context => askCommand(context, words, AskOptions.parse(options))),
    )
}
