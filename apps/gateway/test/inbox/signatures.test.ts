import { createHmac, generateKeyPairSync, sign } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"
import { isFault } from "@twolane/protocol"
import fc from "fast-check"
import { Webhook } from "standardwebhooks"
import { describe, expect, test } from "vitest"
import { discordKey, isSignedBy } from "../../src/chat/discord.ts"
import { verifyDelivery } from "../../src/github/platform.ts"
import { headersOf } from "../../src/webhooks/message.ts"

/** Something that is signed, and whoever looks at the signature. */
type Signed = {
  name: string
  headers: Record<string, string>
  body: string
  /** Whether it is taken for its sender's own. */
  holds: (headers: Record<string, string>, body: Buffer) => Promise<boolean>
}

const at = 1_798_000_000
const uuid = "72d3162e-cc78-11e3-81ab-4c9367dc0958"

const github = (): Signed => {
  const secret = "of-the-webhook-0123456789"
  const body = JSON.stringify({ repository: { id: 1 }, issue: { number: 2 } })
  const headers = {
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    "x-github-event": "issue_comment",
    "x-github-delivery": uuid,
    "content-type": "application/json",
  }
  const holds = (said: IncomingHttpHeaders, raw: Buffer) => taken(() => verifyDelivery(secret, said, raw))
  return { name: "GitHub", headers, body, holds }
}

const discord = (): Signed => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519")
  const hex = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex")
  const key = discordKey(hex)
  const body = JSON.stringify({ type: 1, id: "1", application_id: "1" })
  const signature = sign(null, Buffer.from(`${at}${body}`), privateKey).toString("hex")
  const headers = { "x-signature-timestamp": String(at), "x-signature-ed25519": signature }
  const holds = async (said: IncomingHttpHeaders, raw: Buffer) => isSignedBy(key, said, raw)
  return { name: "Discord", headers, body, holds }
}

/** What we send, as the library of Standard Webhooks reads it. */
const webhooks = (): Signed => {
  const secret = `whsec_${Buffer.alloc(24, 5).toString("base64")}`
  const body = JSON.stringify({ type: "turn.ended", data: {} })
  const now = Math.floor(Date.now() / 1_000)
  const {
    "content-type": _type,
    "user-agent": _agent,
    ...headers
  } = headersOf("msg_1", body, { secrets: [secret], at: now * 1_000 })
  const holds = async (said: Record<string, string>, raw: Buffer) => {
    try {
      new Webhook(secret).verify(raw, said)
      return true
    } catch {
      return false // that library has one error for all
    }
  }
  return { name: "Standard Webhooks, ours", headers, body, holds }
}

const taken = async (verify: () => unknown): Promise<boolean> => {
  try {
    await verify()
    return true
  } catch (error) {
    // Anything else would be a fault of ours.
    if (isFault(error)) return false
    throw error
  }
}

describe.each([github(), discord(), webhooks()])("a signature of $name", ({ name, headers, body, holds }) => {
  const named = Object.keys(headers).filter(header => header.includes("signature"))

  test("holds as it was sent", async () => {
    expect(await holds(headers, Buffer.from(body))).toBe(true)
  })

  test("is refused after any change of the body", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), async (index, flip) => {
        const bytes = Buffer.from(body)
        bytes[index] = (bytes[index] ?? 0) ^ flip
        expect(await holds(headers, bytes)).toBe(false)
      }),
      { numRuns: 1_000 },
    )
    for (const other of ["", `${body} `, `\ufeff${body}`, body.replaceAll(":", ": ")])
      expect(await holds(headers, Buffer.from(other))).toBe(false)
  })

  test("is refused after any change of what it says of itself, and nothing that stands there breaks anything", async () => {
    const header = fc.constantFrom(...named)
    const changed = fc
      .tuple(header, fc.nat(200), fc.integer({ min: 1, max: 127 }))
      .map(([key, index, flip]) => {
        const before = headers[key] ?? ""
        const place = index % before.length
        const other = String.fromCharCode(before.charCodeAt(place) ^ flip)
        return { ...headers, [key]: before.slice(0, place) + other + before.slice(place + 1) }
      })
    const anything = fc
      .tuple(header, fc.string({ unit: "binary" }))
      .map(([key, text]) => ({ ...headers, [key]: text }))
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, anything), async said => {
        // A space between two signatures is the sender's to put: Standard Webhooks takes what still holds behind one.
        fc.pre(!named.every(key => said[key]?.split(" ").includes(headers[key] ?? "")))
        expect(await holds(said, Buffer.from(body)), `${name}: ${JSON.stringify(said)}`).toBe(false)
      }),
      { numRuns: 1_000 },
    )
    for (const key of named) expect(await holds({ ...headers, [key]: "" }, Buffer.from(body))).toBe(false)
  })
})
