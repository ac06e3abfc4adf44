import { createHmac } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"
import { isFault } from "@twolane/protocol"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { slackPlatform, slackSurface } from "../../src/chat/slack.ts"

const secret = "8f742231b10e8888abcd99yyyzzz85a5"
const at = 1_798_000_000
const body = "token=x&team_id=T1&command=%2Ftwolane&text=help"
const sign = (timestamp: string, text = body, key = secret) =>
  `v0=${createHmac("sha256", key).update(`v0:${timestamp}:${text}`).digest("hex")}`
const setting = { signingSecret: secret, botToken: "xoxb-1", apiUrl: "https://slack.com/api" }
const platform = slackPlatform(setting, slackSurface(setting), async () => {})
/** Whether a request is taken as Slack's own. */
const isFromSlack = async (bytes: Buffer, timestamp: unknown, signature: unknown, nowMs: number) => {
  const signed = { "x-slack-request-timestamp": timestamp, "x-slack-signature": signature }
  const headers = { "content-type": "application/x-www-form-urlencoded", ...signed } as IncomingHttpHeaders
  try {
    await platform.verify(headers, bytes, nowMs)
    return true
  } catch (error) {
    if (isFault(error, "unauthorized")) return false
    throw error
  }
}
const holds = (timestamp: unknown, signature: unknown, text = body, nowMs = at * 1_000) =>
  isFromSlack(Buffer.from(text), timestamp, signature, nowMs)

const time = String(at)
const good = sign(time)

test("what Slack signed within five minutes is from Slack", async () => {
  const held = [-300, 0, 300].map(age => holds(time, good, body, (at + age) * 1_000))
  expect(await Promise.all(held)).toEqual([true, true, true])
})

test("Slack's own example holds", async () => {
  const sent =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
  const signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
  expect(await isFromSlack(Buffer.from(sent), "1531420618", signature, 1_531_420_618_000)).toBe(true)
})

describe("what is refused", () => {
  const signed = (timestamp: string): [unknown, unknown] => [timestamp, sign(timestamp)]
  test.each<[string, [unknown, unknown, string?, number?]]>([
    ["301 s old", [time, good, body, (at + 301) * 1_000]],
    ["301 s ahead", [time, good, body, (at - 301) * 1_000]],
    ["an exponent", signed("1.798e9")],
    ["blanks around", signed(` ${time}`)],
    ["a sign", signed(`+${time}`)],
    ["milliseconds", signed(`${time}000`)],
    ["hexadecimal", signed("0x6b2b5a80")],
    ["no number", signed("NaN")],
    ["an empty time", signed("")],
    ["other digits", signed("१७९८००००००")],
    ["no time", [undefined, good]],
    ["two times", [[time, time], good]],
    ["no signature", [time, undefined]],
    ["two signatures", [time, [good, good]]],
    ["an empty signature", [time, ""]],
    ["no version", [time, good.slice(3)]],
    ["another version", [time, good.replace("v0", "v1")]],
    ["upper case", [time, `v0=${good.slice(3).toUpperCase()}`]],
    ["a short one", [time, good.slice(0, -2)]],
    ["a long one", [time, `${good}00`]],
    ["blanks behind", [time, `${good} `]],
    ["no hexadecimal", [time, `v0=${"g".repeat(64)}`]],
    ["another secret", [time, sign(time, body, "other")]],
    ["another time's", [time, sign(String(at - 1))]],
    ["another body", [time, good, `${body}x`]],
    ["a body that was written again", [time, sign(time, '{"a":1}'), '{"a": 1}']],
    ["an empty body", [time, good, ""]],
  ])("%s", async (_name, given) => {
    expect(await holds(...given)).toBe(false)
  })

  test("any single change of a byte", async () => {
    const whole = Buffer.from(`${time}\n${good}\n${body}`)
    const place = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }))
    const changed = async ([index, flip]: [number, number]) => {
      const bytes = Buffer.from(whole)
      bytes[index] = (bytes[index] ?? 0) ^ flip
      const [timestamp, signature, ...rest] = bytes.toString("latin1").split("\n")
      const sent = Buffer.from(rest.join("\n"), "latin1")
      expect(await isFromSlack(sent, timestamp, signature, at * 1_000)).toBe(false)
    }
    await fc.assert(fc.asyncProperty(place, changed), { numRuns: 2_000 })
  })
})
