import type { ChatChannel, ChatChannelPath, ChatLink, ChatPerson, Page } from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import { chatFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { decodeCursor, encodeCursor } from "../team/cursor.ts"
import type { PeopleStore } from "./port.ts"

/** Hash: by person the link. Ids of platforms have no slash. */
const linksKey = `${chatFamily}links`
/** Set of a team's people. */
const teamKey = (team: string): string => `${chatFamily}team:${team}`
const channelsKey = (team: string): string => `${chatFamily}channels:${team}`
const codeKey = (digest: string): string => `${chatFamily}code:${digest}`

const personOf = ({ platform, workspace, user }: ChatPerson): string => `${platform}/${workspace}/${user}`
const channelOf = ({ platform, workspace, channel }: ChatChannelPath): string =>
  `${platform}/${workspace}/${channel}`

/** Who is who, and which channel is about which repo. */
export const peopleCalls = ({ client }: Context): PeopleStore => {
  const linkOf = async (person: ChatPerson): Promise<ChatLink | null> => {
    const json = await withDeadline(client.hget(linksKey, personOf(person)))
    return json === null ? null : fromJson<ChatLink>(json)
  }
  return {
    link: async link => {
      const person = personOf(link)
      const before = await linkOf(link)
      const write = client
        .multi()
        .hset(linksKey, person, JSON.stringify(link))
        .sadd(teamKey(link.team), person)
      if (before !== null && before.team !== link.team) write.srem(teamKey(before.team), person)
      await withDeadline(write.exec())
    },
    linkOf,
    links: async (team, page) => {
      const people = await withDeadline(client.smembers(teamKey(team)))
      const kept = people.length === 0 ? [] : await withDeadline(client.hmget(linksKey, ...people))
      const links = kept.flatMap(json => (json === null ? [] : [fromJson<ChatLink>(json)]))
      return pageOf(
        "chat links",
        links.filter(link => link.team === team),
        page,
      )
    },
    unlink: async (team, person) => {
      if ((await linkOf(person))?.team !== team) return false
      await withDeadline(
        client.multi().hdel(linksKey, personOf(person)).srem(teamKey(team), personOf(person)).exec(),
      )
      return true
    },
    createCode: async (digest, of, lifeMs) =>
      void (await withDeadline(client.set(codeKey(digest), JSON.stringify(of), "PX", lifeMs))),
    takeCode: async digest => {
      const json = await withDeadline(client.getdel(codeKey(digest)))
      return json === null ? null : fromJson<{ team: string; key: string }>(json)
    },
    setChannel: async (team, channel) =>
      void (await withDeadline(client.hset(channelsKey(team), channelOf(channel), JSON.stringify(channel)))),
    channel: async (team, path) => {
      const json = await withDeadline(client.hget(channelsKey(team), channelOf(path)))
      return json === null ? null : fromJson<ChatChannel>(json)
    },
    channels: async (team, page) => {
      const kept = await withDeadline(client.hgetall(channelsKey(team)))
      return pageOf("chat channels", Object.values(kept).map(fromJson<ChatChannel>), page)
    },
    clearChannel: async (team, path) =>
      (await withDeadline(client.hdel(channelsKey(team), channelOf(path)))) === 1,
  }
}

/** A page of a list that is short enough to be read whole, oldest first. */
const pageOf = <Item extends { createdAt: number }>(
  of: string,
  all: Item[],
  { limit, cursor }: { limit: number; cursor?: string },
): Page<Item> => {
  const { seen } = decodeCursor(of, cursor)
  const end = seen + limit
  const items = all.toSorted((a, b) => a.createdAt - b.createdAt).slice(seen, end)
  return { items, nextCursor: end < all.length ? encodeCursor({ of, last: "", seen: end }) : null }
}
