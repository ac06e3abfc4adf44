import { realpath } from "node:fs/promises"
import { isAbsolute, normalize, sep } from "node:path"
import { Fault } from "@twolane/protocol"

/** Where a repo comes from. `url` is what git is given; `host` is null for a path. */
export type Source =
  | { kind: "https"; url: string; host: string }
  | { kind: "ssh"; url: string; host: string }
  | { kind: "path"; url: string; host: null }

const refuse = (message: string): never => {
  throw new Fault("invalid", message, { errors: [{ path: "source", message }] })
}

const userName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/
const hostName = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/
const ipv6 = /^\[[0-9A-Fa-f:.]{2,45}\]$/

/**
 * Reads a repo's source: `https://…`, `ssh://…`, `git@host:path` or an absolute path. Raises `invalid` for every other
 * form, for a user name or password in an https address, and for whatever git or ssh could take for an option.
 */
export const parseSource = (text: string): Source => {
  if (text.length > 2_000) return refuse("the source is longer than 2,000 characters")
  if (/[\0-\x20\x7f-\x9f\u2028\u2029\ufeff]/.test(text) && !isAbsolute(text))
    return refuse("the source must not hold spaces or control characters")
  if (isAbsolute(text)) return pathSource(text)
  if (text.includes("\\")) return refuse("the source must not hold a backslash")
  if (text.startsWith("https://")) return httpsSource(text)
  if (text.startsWith("ssh://")) return sshSource(text)
  if (text.startsWith("git@")) return scpSource(text)
  return refuse("the source must be https://…, ssh://…, git@host:path or an absolute path")
}

const pathSource = (text: string): Source => {
  if (/[\0-\x1f\x7f]/.test(text)) return refuse("the path must not hold control characters")
  if (text.split("/").includes("..") || text.split("/").includes("."))
    return refuse("the path must not hold . or ..")
  const path = normalize(text)
  return { kind: "path", url: path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path, host: null }
}

const urlOf = (text: string): URL => {
  const url = URL.parse(text)
  if (url === null) return refuse("the source is not an address")
  if (url.search !== "" || url.hash !== "") return refuse("the source must not hold ? or #")
  if (!hostName.test(url.hostname) && !ipv6.test(url.hostname)) return refuse("the source names no host")
  if (url.pathname === "" || url.pathname === "/") return refuse("the source names no repository")
  return url
}

const httpsSource = (text: string): Source => {
  const url = urlOf(text)
  if (url.username !== "" || url.password !== "" || text.slice(8).split("/")[0]?.includes("@"))
    return refuse("the source must not hold a user name or password; set the repo's credential instead")
  return { kind: "https", url: url.href, host: url.host }
}

const sshSource = (text: string): Source => {
  const url = urlOf(text)
  if (url.password !== "") return refuse("the source must not hold a password")
  if (url.username !== "" && !userName.test(url.username))
    return refuse("the source's user name is not a plain one")
  if (decodeURIComponent(url.pathname).startsWith("/-"))
    return refuse("the repository's path must not begin with a dash")
  return { kind: "ssh", url: url.href, host: url.host }
}

const scpSource = (text: string): Source => {
  const [, host = "", path = ""] = /^git@([^:/]+):(.+)$/.exec(text) ?? []
  if (!hostName.test(host)) return refuse("the source names no host")
  if (path === "" || /^\/?-/.test(path) || path.startsWith(":"))
    return refuse("the source names no repository")
  return { kind: "ssh", url: text, host }
}

/** Whether a path source lies under one of the allowed roots, links followed; no roots allow every path. */
export const isUnderRoots = async (source: Source, roots: readonly string[]): Promise<boolean> => {
  if (source.kind !== "path" || roots.length === 0) return true
  const real = await realpath(source.url).catch(() => source.url)
  const allowed = await Promise.all(roots.map(root => realpath(root).catch(() => normalize(root))))
  return allowed.some(root => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep))
}
