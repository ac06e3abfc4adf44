import { isIP } from "node:net"
import type { Config } from "@twolane/common"
import { Fault } from "@twolane/protocol"
import type { FastifyRequest } from "fastify"

/** Where a browser thinks that it is: `https://twolane.example.com`, with its port said outright. */
export type Site = { scheme: "http" | "https"; port: string; text: string }

type Names = Pick<Config, "host" | "publicUrl">

/**
 * The origin under which a request reached us. Only names that are ours count: a foreign name that points here (DNS rebinding) would
 * give its owner's pages what is meant for ours. An address is nobody's name; `localhost` is no one else's.
 * @throws Fault unknown-host
 */
export const siteOf = (names: Names, request: Pick<FastifyRequest, "headers">): Site => {
  const origin = knownSite(names, request.headers.host ?? "")
  if (origin !== null) return origin
  throw new Fault("unknown-host", "Set TWOLANE_PUBLIC_URL to the address that people use.")
}

const knownSite = ({ host, publicUrl }: Names, given: string): Site | null => {
  if (!/^[A-Za-z0-9.:[\]_-]{1,260}$/.test(given) || !URL.canParse(`http://${given}`)) return null
  if (publicUrl !== null) {
    const { protocol } = new URL(publicUrl)
    const here = new URL(`${protocol}//${given}`)
    if (here.origin === publicUrl) return describe(here)
  }
  const url = new URL(`http://${given}`)
  const name = url.hostname.replace(/^\[|\]$/g, "")
  const ours = isIP(name) !== 0 || name === "localhost" || name.endsWith(".localhost") || name === host
  return ours ? describe(url) : null
}

const describe = ({ protocol, port, origin }: URL): Site => {
  const scheme = protocol === "https:" ? "https" : "http"
  return { scheme, port: port === "" ? defaultPorts[scheme] : port, text: origin }
}

const defaultPorts = { http: "80", https: "443" }

/**
 * Refuses what a foreign page sends along with our cookie. Browsers say where a request comes from, and a page can't change that.
 * @throws Fault foreign-origin
 */
export const refuseForeign = (request: FastifyRequest, origin: Site): void => {
  const { "sec-fetch-site": site, origin: from, upgrade } = request.headers
  const hasEffect = !safeMethods.has(request.method) || upgrade !== undefined
  if (site !== undefined && site !== "same-origin" && (hasEffect || site !== "none"))
    throw new Fault("foreign-origin", "A page of another origin sent it.")
  refuseOtherOrigin(request, origin)
  if (from === undefined && hasEffect) throw new Fault("foreign-origin", "It does not say its origin.")
}

/**
 * Refuses what says that it comes from another origin. What is no browser says nothing of it.
 * @throws Fault foreign-origin
 */
export const refuseOtherOrigin = ({ headers }: Pick<FastifyRequest, "headers">, { text }: Site): void => {
  if (headers.origin !== undefined && headers.origin !== text)
    throw new Fault("foreign-origin", `Its origin is not ${text}; see TWOLANE_PUBLIC_URL.`)
}

/** Methods that have no effect. */
export const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD"])
