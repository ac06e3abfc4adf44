import { BlockList, isIP } from "node:net"

/** IPv4 that is no public unicast address (IANA special-purpose registry). */
const special4 = new BlockList()
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const)
  special4.addSubnet(network, bits, "ipv4")

/** Of IPv6 only global unicast is public, and in it not what carries or documents something else (Teredo, 6to4, ORCHID). */
const global6 = new BlockList()
global6.addSubnet("2000::", 3, "ipv6")
const special6 = new BlockList()
for (const [network, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  special6.addSubnet(network, bits, "ipv6")

/** Whether an address is one of the public network: an allow rule, so that every form that wraps another is refused. */
export const isPublicAddress = (address: string): boolean => {
  const version = isIP(address)
  if (version === 4) return !special4.check(address, "ipv4")
  return version === 6 && global6.check(address, "ipv6") && !special6.check(address, "ipv6")
}
