/** How a Redis is reached that sentinels watch over. */
export type SentinelUrl = {
  sentinels: { host: string; port: number }[]
  /** The primary's name there. */
  name: string
  username: string | null
  password: string | null
}

const shape =
  /^redis\+sentinel:\/\/(?:([^:@/]*):([^@/]*)@)?([A-Za-z0-9.-]+(?::\d{1,5})?(?:,[A-Za-z0-9.-]+(?::\d{1,5})?)*)\/([\w.-]+)$/

/** Reads `redis+sentinel://user:password@host:port,host:port/name`; null for what is none. The user is Redis' own; the port is by default 26379. */
export const readSentinelUrl = (text: string): SentinelUrl | null => {
  const [, user = "", password = "", hosts, name] = shape.exec(text) ?? []
  if (hosts === undefined || name === undefined) return null
  const sentinels = hosts.split(",").map(part => {
    const [host = "", port = "26379"] = part.split(":")
    return { host, port: Number(port) }
  })
  if (sentinels.some(({ port }) => port < 1 || port > 65_535)) return null
  const word = (part: string) => (part === "" ? null : decodeURIComponent(part))
  return { sentinels, name, username: word(user), password: word(password) }
}
