import { readFileSync } from "node:fs"
import { join } from "node:path"
import { readSlack } from "@twolane/chat"
import { slackMention, slackReply } from "@twolane/testkit/chat/slack-double"
import { slackEventScopes, slackMethodScopes } from "@twolane/testkit/chat/slack-rules"
import { expect, test } from "vitest"
import { parse } from "yaml"
import { z } from "zod"
import { byText, docsRoot, pageOf, tableIn } from "./page.ts"

const text = readFileSync(join(docsRoot, "../infra/slack-manifest.yaml"), "utf8")
const manifest = z
  .object({
    features: z.object({
      app_home: z.object({
        messages_tab_enabled: z.boolean(),
        messages_tab_read_only_enabled: z.boolean(),
      }),
      slash_commands: z.array(z.object({ command: z.string(), url: z.string() })),
    }),
    oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
    settings: z.object({
      event_subscriptions: z.object({ request_url: z.string(), bot_events: z.array(z.string()) }),
      interactivity: z.object({ is_enabled: z.literal(true), request_url: z.string() }),
    }),
  })
  .parse(parse(text))
const { features, oauth_config, settings } = manifest
const { bot_events: events } = settings.event_subscriptions

test("the manifest asks for the scopes that the calls, the events and the command need, and for no other; so does the page", () => {
  const needed = new Set([
    ...Object.values(slackMethodScopes).flat(),
    ...events.flatMap(event => slackEventScopes[event] ?? [`of the unknown ${event}`]),
    "commands",
  ])
  expect(oauth_config.scopes.bot.toSorted(byText)).toEqual([...needed].toSorted(byText))
  const named = tableIn(pageOf("slack"), "scope").flatMap(([scopes = ""]) =>
    [...scopes.matchAll(/`([^`]+)`/g)].map(([, scope = ""]) => scope),
  )
  expect(named.toSorted(byText)).toEqual([...needed].toSorted(byText))
})

test("each event of the manifest means something, and the three addresses are the one that is served", () => {
  const reply = (channel_type: string) => {
    const { body } = slackReply({ user: "U1", channel: "C1", thread: "1.1" }, "more")
    const { event, ...around } = JSON.parse(body) as { event: object }
    return JSON.stringify({ ...around, event: { ...event, channel_type } })
  }
  const bodies: Record<string, string> = {
    app_mention: slackMention({ user: "U1", channel: "C1" }, "fix it").body,
    "message.channels": reply("channel"),
    "message.groups": reply("group"),
    "message.im": reply("im"),
  }
  expect(events.toSorted(byText)).toEqual(Object.keys(bodies).toSorted(byText))
  for (const event of events)
    expect(readSlack(bodies[event] ?? "", "application/json").kind).toMatch(/^(?:order|reply)$/)
  const served = "https://twolane.example.com/integrations/slack"
  const command = features.slash_commands.map(({ command, url }) => `${command} ${url}`)
  expect([...command, settings.event_subscriptions.request_url, settings.interactivity.request_url]).toEqual([
    `/twolane ${served}`,
    served,
    served,
  ])
})

test("people can write to the bot alone, as the events of direct messages expect", () => {
  expect(features.app_home).toEqual({ messages_tab_enabled: true, messages_tab_read_only_enabled: false })
})
