import { ChatChannelPath, ChatPerson } from "@twolane/protocol"
import type { Command } from "commander"
import { z } from "zod"
import type { Act } from "../commands.ts"
import { UsageError } from "../exit.ts"
import {
  chatChannelCommand,
  chatChannelsCommand,
  chatCodeCommand,
  chatLinksCommand,
  linkChatCommand,
  unlinkChatCommand,
} from "./chat.ts"

const LinkOptions = z.object({ key: z.string() })
const ChannelOptions = z.object({ repo: z.string().optional(), clear: z.boolean().optional() })

/** Who is who on chat platforms, and which channel is about which repo. */
export const addChatCommands = (program: Command, act: Act): void => {
  const chat = program
    .command("chat")
    .description("who is who in Slack and Discord, and what channels are about")
  chat
    .command("code")
    .description("print a code that links you: say it to the bot, once, within ten minutes")
    .action(() => act(chatCodeCommand))
  chat
    .command("links", { isDefault: true })
    .description("who is linked")
    .action(() => act(chatLinksCommand))
  chat
    .command("link <platform> <workspace> <user>")
    .description("say whom somebody is, by ids: slack T… U…, or discord with a server's and a user's id")
    .requiredOption("--key <id>", "the key with whose rights they act")
    .action((platform: string, workspace: string, user: string, options) =>
      act(context =>
        linkChatCommand(context, {
          ...personOf({ platform, workspace, user }),
          key: LinkOptions.parse(options).key,
        }),
      ),
    )
  chat
    .command("unlink <platform> <workspace> <user>")
    .description("let somebody be nobody again")
    .action((platform: string, workspace: string, user: string) =>
      act(context => unlinkChatCommand(context, personOf({ platform, workspace, user }))),
    )
  chat
    .command("channels")
    .description("which channels have a repo of their own")
    .action(() => act(chatChannelsCommand))
  chat
    .command("channel <platform> <workspace> <channel>")
    .description("say which repo is meant in a channel by orders that name none")
    .option("--repo <name>")
    .option("--clear", "none")
    .action((platform: string, workspace: string, channel: string, options) => {
      const { repo, clear = false } = ChannelOptions.parse(options)
      if ((repo === undefined) !== clear) throw new UsageError("say --repo <name>, or --clear")
      const path = parsed(ChatChannelPath, { platform, workspace, channel })
      return act(context => chatChannelCommand(context, path, repo))
    })
}

const personOf = (given: Record<keyof ChatPerson, string>): ChatPerson => parsed(ChatPerson, given)

const parsed = <Value>(schema: z.ZodType<Value>, given: unknown): Value => {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new UsageError(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}`)
}
