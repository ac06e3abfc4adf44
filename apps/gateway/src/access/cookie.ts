import type { Site } from "./site.ts"

/**
 * A cookie's name. Cookies are shared by all ports of a host, so that one of plain HTTP carries its port; `__Host-` lets a browser take
 * the other one over TLS alone, from this very host.
 */
const nameFor = ({ scheme, port }: Site): string =>
  scheme === "https" ? "__Host-twolane" : `twolane_${port}`

/** The session's token in a Cookie header; null without one. */
export const readCookie = (header: string | undefined, origin: Site): string | null => {
  const wanted = `${nameFor(origin)}=`
  const found = (header ?? "").split(";").find(part => part.trim().startsWith(wanted))
  const token = found?.trim().slice(wanted.length)
  return token !== undefined && /^[A-Za-z0-9_-]{43}$/.test(token) ? token : null
}

/** The Set-Cookie header that gives a browser its session; with no age it takes it away. */
export const writeCookie = (origin: Site, token: string, maxAgeMs: number): string =>
  [
    `${nameFor(origin)}=${token}`,
    "Path=/",
    `Max-Age=${Math.max(0, Math.floor(maxAgeMs / 1_000))}`,
    "HttpOnly",
    "SameSite=Strict",
    ...(origin.scheme === "https" ? ["Secure"] : []),
  ].join("; ")
