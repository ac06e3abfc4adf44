/** A host that a jail may reach. `port` null: 80 and 443. `internal`: the operator named it, so it may lie in a private network. */
export type AllowedHost = { host: string; port: number | null; internal: boolean }

/** Reads `registry.npmjs.org`, `*.example.com` or `host:port`. */
export const allowedHost = (text: string, internal: boolean): AllowedHost => {
  const [, host = text, port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? []
  return { host: host.toLowerCase(), port: port === undefined ? null : Number(port), internal }
}

/** The host of an `http(s)` URL, or null for anything else; a port that is not the usual one comes along. */
export const hostOfUrl = (text: string, internal: boolean): AllowedHost | null => {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  if (url.protocol !== "https:" && url.protocol !== "http:") return null
  return { host: url.hostname.toLowerCase(), port: url.port === "" ? null : Number(url.port), internal }
}

/** The rule that lets a connection through; null when none does. */
export const findAllowed = (
  allowed: readonly AllowedHost[],
  { host, port }: { host: string; port: number },
): AllowedHost | null => {
  const name = host.toLowerCase().replace(/\.$/, "")
  const matches = allowed.filter(each => matchesHost(each.host, name) && matchesPort(each.port, port))
  return matches.find(each => each.internal) ?? matches[0] ?? null
}

const matchesHost = (rule: string, name: string): boolean =>
  rule.startsWith("*.") ? name.endsWith(rule.slice(1)) : name === rule

const matchesPort = (rule: number | null, port: number): boolean =>
  rule === null ? port === 443 || port === 80 : rule === port
