import { oneLine } from "@twolane/common/clean"
import { duration } from "@twolane/common/words"
import type { ChatChannel, ChatChannelPath, ChatLink, ChatLinkRequest, ChatPerson } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"

/** `twolane chat code`: the code alone goes to standard output. */
export const chatCodeCommand = async ({ client, output, signal }: Context): Promise<number> => {
  const made = await client.createChatCode({ signal })
  output.value(made)
  output.line(made.code)
  const left = duration(Math.max(0, made.expiresAt - Date.now()))
  output.note(
    `Say it to the bot within ${left}, alone: /twolane link ${made.code}\nWhoever says it acts with the rights of your key.`,
  )
  return exitCodes.succeeded
}

/** `twolane chat links`. */
export const chatLinksCommand = async ({ client, output, signal }: Context): Promise<number> => {
  const page = await client.chatLinks({ limit: 200 }, { signal })
  const { items } = page
  output.value(page)
  for (const link of items) output.line(linkWords(link))
  if (items.length === 0) output.line("Nobody is linked: twolane chat code, or twolane chat link")
  return exitCodes.succeeded
}

const linkWords = ({ platform, workspace, user, key, createdBy }: ChatLink): string =>
  `${platform}/${workspace}/${user}  is  ${key}  (said ${oneLine(createdBy.name)})`

/** `twolane chat link`. */
export const linkChatCommand = async (
  { client, output, signal }: Context,
  wanted: ChatLinkRequest,
): Promise<number> => {
  const link = await client.linkChat(wanted, { signal })
  output.value(link)
  output.line(linkWords(link))
  return exitCodes.succeeded
}

/** `twolane chat unlink`. */
export const unlinkChatCommand = async (
  { client, output, signal }: Context,
  person: ChatPerson,
): Promise<number> => {
  await client.unlinkChat(person, { signal })
  output.value({ unlinked: person })
  output.line(`${person.platform}/${person.workspace}/${person.user} is nobody any more.`)
  return exitCodes.succeeded
}

/** `twolane chat channels`. */
export const chatChannelsCommand = async ({ client, output, signal }: Context): Promise<number> => {
  const page = await client.chatChannels({ limit: 200 }, { signal })
  const { items } = page
  output.value(page)
  for (const channel of items) output.line(channelWords(channel))
  if (items.length === 0) output.line("No channel has a repo of its own: twolane chat channel")
  return exitCodes.succeeded
}

const channelWords = ({ platform, workspace, channel, repo }: ChatChannel): string =>
  `${platform}/${workspace}/${channel}  is about  ${oneLine(repo)}`

/** `twolane chat channel`: without a repo the channel has none any more. */
export const chatChannelCommand = async (
  { client, output, signal }: Context,
  path: ChatChannelPath,
  repo: string | undefined,
): Promise<number> => {
  if (repo === undefined) {
    await client.clearChatChannel(path, { signal })
    output.value({ cleared: path })
    output.line(`${path.platform}/${path.workspace}/${path.channel} has no repo of its own.`)
    return exitCodes.succeeded
  }
  const channel = await client.setChatChannel(path, repo, { signal })
  output.value(channel)
  output.line(channelWords(channel))
  return exitCodes.succeeded
}
