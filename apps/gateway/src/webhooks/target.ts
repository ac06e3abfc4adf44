import { type LookupOptions, lookup } from "node:dns"
import { isIP, type LookupFunction } from "node:net"
import { Fault } from "@twolane/protocol"
import ipaddr from "ipaddr.js"

/** Why an address is not one that webhooks may reach. */
class ForbiddenTarget extends Error {}

/** Whether the setting TWOLANE_WEBHOOK_HOSTS names a URL's host: with its port, or by itself for the usual ports. */
const isNamed = (url: URL, hosts: readonly string[]): boolean =>
  hosts.includes(url.port === "" ? url.hostname : url.host)

/**
 * A webhook's URL, if its form is one that may be reached: `https` on its usual port at a public address, or a host of the setting.
 * @throws Fault invalid
 */
export const targetOf = (text: string, hosts: readonly string[]): URL => {
  const url = new URL(text)
  const refuse = (message: string) =>
    new Fault("invalid", `The webhook's url ${message}.`, { errors: [{ path: "url", message }] })
  if (url.username !== "" || url.password !== "") throw refuse("must have no user name or password")
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("must be https://")
  if (isNamed(url, hosts)) return url
  if (url.protocol === "http:") throw refuse("must be https:// (or its host in TWOLANE_WEBHOOK_HOSTS)")
  if (url.port !== "") throw refuse("must use port 443 (or have its host and port in TWOLANE_WEBHOOK_HOSTS)")
  if (isLiteral(url) && !isPublic(literalOf(url)))
    throw refuse("must not be a private address (or have it in TWOLANE_WEBHOOK_HOSTS)")
  return url
}

const literalOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, "")
const isLiteral = (url: URL): boolean => isIP(literalOf(url)) !== 0

/** Whether an address is one of the internet's: no private, loopback, link-local, mapped, translated or reserved one. */
export const isPublic = (address: string): boolean => {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== "unicast") return false
  // Of IPv6 only 2000::/3 is given out; what else counts as unicast leads to translators and old experiments.
  return parsed.kind() === "ipv4" || parsed.match(ipaddr.parseCIDR("2000::/3"))
}

/**
 * How a connection to a target finds its addresses: looked up once, each of them checked, and one of just those connected to. (A host that is
 * an address is not looked up: `targetOf` has checked it.)
 */
export const lookupFor = (url: URL, hosts: readonly string[]): LookupFunction | undefined => {
  if (isNamed(url, hosts)) return undefined
  return (hostname, options, callback) => {
    const all: LookupOptions & { all: true } = { ...options, all: true }
    lookup(hostname, all, (error, addresses) => {
      const bad = error === null ? addresses.find(({ address }) => !isPublic(address)) : undefined
      const refusal = bad && new ForbiddenTarget(`${hostname} leads to ${bad.address}, which is not public`)
      const [first] = addresses ?? []
      if (error !== null || refusal !== undefined) callback(error ?? refusal ?? null, "")
      else if (options.all === true) callback(null, addresses)
      else callback(null, first?.address ?? "", first?.family)
    })
  }
}
