import type { WebhookInput } from "@twolane/client"
import type { Command } from "commander"
import { z } from "zod"
import type { Act } from "../commands.ts"
import { defined } from "../defined.ts"
import {
  addWebhookCommand,
  removeWebhookCommand,
  replayDeliveryCommand,
  rotateWebhookCommand,
  testWebhookCommand,
  webhookLogCommand,
  webhooksCommand,
} from "./webhooks.ts"

const AddOptions = z.object({
  // Which events there are is the gateway's to say: it names one that there is not.
  events: z.custom<WebhookInput["events"]>().optional(),
  repos: z.array(z.string()).optional(),
  labels: z.array(z.string()).optional(),
  description: z.string().optional(),
})
const LogOptions = z.object({ limit: z.coerce.number().int().min(1).max(200) })

/** Who hears of the team's events by HTTP. */
export const addWebhookCommands = (program: Command, act: Act): void => {
  const hooks = program.command("webhooks").description("who hears of the team's events by HTTP")
  hooks.command("list", { isDefault: true }).action(() => act(webhooksCommand))
  hooks
    .command("add <url>")
    .description("make a webhook and print its secret, once")
    .option("--events <type...>", "such as turn.ended gate.opened (default: every event)")
    .option("--repos <name...>", "of tasks in these repos alone")
    .option("--labels <label...>", "of tasks with one of these labels alone")
    .option("--description <text>")
    .action((url: string, options) =>
      act(context => addWebhookCommand(context, { url, ...defined(AddOptions.parse(options)) })),
    )
  hooks
    .command("test <id>")
    .description("send a test message now; fails when it is not taken")
    .action((id: string) => act(context => testWebhookCommand(context, id)))
  hooks
    .command("log <id>")
    .description("what was sent, newest first")
    .option("--limit <number>", "at most 200", "50")
    .action((id: string, options) =>
      act(context => webhookLogCommand(context, id, LogOptions.parse(options))),
    )
  hooks
    .command("replay <id> <message>")
    .description("send a message again, with the id that it has")
    .action((id: string, message: string) => act(context => replayDeliveryCommand(context, id, message)))
  hooks
    .command("rotate <id>")
    .description("make and print a new secret, once; the one before signs along for a day")
    .action((id: string) => act(context => rotateWebhookCommand(context, id)))
  hooks
    .command("rm <id>")
    .description("remove a webhook; what waits for it is not sent")
    .action((id: string) => act(context => removeWebhookCommand(context, id)))
}
