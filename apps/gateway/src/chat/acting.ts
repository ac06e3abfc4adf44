import type { Person } from "@twolane/chat"
import type { ChatLink } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import type { Caller } from "../http/auth.ts"
import type { Asking } from "../inside/asking.ts"

/** Whom a person on a platform is here; null while nobody says so, or when that key was revoked. */
export const callerFor = async ({ store, access }: Gateway, person: Person): Promise<Caller | null> => {
  const link: ChatLink | null = await store.chat.linkOf(person)
  return link === null ? null : await access.byId(link.key)
}

/** Asks routes with the rights of a person's key, as if they had called them. */
export const actingAs = async <Result>(
  { gateway, app }: { gateway: Gateway; app: App },
  { caller, person, delivery }: { caller: Caller; person: Person; delivery: string },
  act: (asking: Asking) => Promise<Result>,
): Promise<Result> => {
  using key = gateway.access.lend(caller)
  const headers = {
    authorization: `Bearer ${key.secret}`,
    "user-agent": `${person.platform} ${person.workspace}/${person.user}`,
  }
  const opened = { id: delivery, headers, caller, ip: "127.0.0.1" }
  return await act({ gateway, app, opened, origin: person.platform })
}
