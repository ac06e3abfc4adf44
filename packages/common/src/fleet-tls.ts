import { hkdfSync } from "node:crypto"

/**
 * What both sides of a connection between a gateway and a fast worker of another host are opened with: TLS with a pre-shared key
 * (RFC 5489), derived from the fleet's secret. The handshake proves each side to the other, the key never crosses the wire, and what
 * was recorded stays unread even when the key is known later. There are no certificates to make or to renew.
 */
export type FleetTls = {
  identity: string
  key: Buffer
  ciphers: string
  minVersion: "TLSv1.2"
  maxVersion: "TLSv1.2"
}

/** Derives it from `TWOLANE_SECRET_KEY`, which every process of a fleet has. */
export const fleetTls = (secretKey: string): FleetTls => ({
  identity: "twolane",
  key: Buffer.from(hkdfSync("sha256", Buffer.from(secretKey, "base64url"), "", "twolane/fleet", 32)),
  // The suite itself is the proof: no other one is offered or taken, while TLS 1.3 would let a certificate stand in for the key.
  ciphers: "ECDHE-PSK-CHACHA20-POLY1305",
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.2",
})
