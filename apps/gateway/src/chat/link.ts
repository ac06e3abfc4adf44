import type { Markup } from "@twolane/chat"
import type { ChatLink } from "@twolane/protocol"
import { digestOf } from "../access/secrets.ts"
import type { Caller } from "../http/auth.ts"
import type { Chatting } from "./handle.ts"

/** Links whoever says a code to the key that made it; answers in words. */
export const linkByCode = async (
  { gateway, surface, person, delivery }: Chatting,
  code: string,
): Promise<string> => {
  const { store, access } = gateway
  const made = await store.chat.takeCode(digestOf(code))
  const caller = made === null ? null : await access.byId(made.key)
  if (caller === null) {
    // The same words when this very delivery was worked before and crashed behind it.
    const known = await store.chat.linkOf(person)
    const before = known === null ? null : await access.byId(known.key)
    return before === null
      ? `That code is not valid: it was used, or is older than ten minutes. Make a new one: ${surface.markup.code("twolane chat code")}`
      : `That code is not valid any more. ${whoWords(surface.markup, before)}`
  }
  const link: ChatLink = {
    ...person,
    key: caller.actor.key,
    team: caller.team,
    createdAt: store.now(),
    createdBy: caller.actor,
  }
  await store.chat.link(link)
  await store.audit.append(caller.team, [
    {
      action: "chat.link",
      by: caller.actor,
      from: { via: "link", origin: person.platform, agent: personWords(person) },
      object: { kind: "person", id: personWords(person) },
      detail: { key: caller.actor.key },
      request: delivery,
    },
  ])
  return whoWords(surface.markup, caller)
}

/** Takes back who somebody is. */
export const unlink = async (
  { gateway, person, delivery }: Chatting,
  caller: Caller | null,
): Promise<string> => {
  const { store } = gateway
  const link = await store.chat.linkOf(person)
  if (link === null) return "You are not linked."
  if (caller !== null)
    await store.audit.append(link.team, [
      {
        action: "chat.unlink",
        by: caller.actor,
        from: { via: "key", origin: person.platform, agent: personWords(person) },
        object: { kind: "person", id: personWords(person) },
        request: delivery,
      },
    ])
  await store.chat.unlink(link.team, person)
  return "You are not linked any more: I do nothing for you until you are."
}

/** Who somebody is here. */
export const whoWords = (markup: Markup, { actor, team, role }: Caller): string =>
  `Here you are ${markup.bold(markup.text(actor.name))}, ${role === "admin" ? "an" : "a"} ${role} of the team ${markup.code(team)}.`

const personWords = ({ platform, workspace, user }: Chatting["person"]): string =>
  `${platform}/${workspace}/${user}`
