import { z } from "zod"
import { ConfigError } from "./config.ts"
import { headerKey, httpUrl } from "./config-fields.ts"

/** The settings about chat platforms. */
export const chatSettings = {
  TWOLANE_SLACK_SIGNING_SECRET: z
    .string()
    .regex(/^[0-9a-f]{32}$/, "must be the app's signing secret: 32 hexadecimal digits")
    .optional(),
  TWOLANE_SLACK_BOT_TOKEN: headerKey
    .refine(text => text.startsWith("xox"), "must be a bot token (xoxb-…)")
    .optional(),
  TWOLANE_SLACK_API_URL: httpUrl.default("https://slack.com/api"),
  TWOLANE_DISCORD_PUBLIC_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be the application's public key: 64 hexadecimal digits")
    .optional(),
  TWOLANE_DISCORD_BOT_TOKEN: headerKey.optional(),
  TWOLANE_DISCORD_APPLICATION_ID: z
    .string()
    .regex(/^\d{15,21}$/, "must be the application's id: its number")
    .optional(),
  TWOLANE_DISCORD_API_URL: httpUrl.default("https://discord.com/api/v10"),
}
type Settings = z.infer<z.ZodObject<typeof chatSettings>>

/** How Slack and we know each other. */
export type SlackSetting = { signingSecret: string; botToken: string; apiUrl: string }
/** How Discord and we know each other. */
export type DiscordSetting = { publicKey: string; botToken: string; applicationId: string; apiUrl: string }
/** The chat platforms; null: not set up. */
export type ChatConfig = { slack: SlackSetting | null; discord: DiscordSetting | null }

/** @throws ConfigError for a platform of which a part is missing; it names the part */
export const chatOf = (settings: Settings): ChatConfig => {
  const slack = wholeOrNone(settings, {
    signingSecret: "TWOLANE_SLACK_SIGNING_SECRET",
    botToken: "TWOLANE_SLACK_BOT_TOKEN",
  })
  const discord = wholeOrNone(settings, {
    publicKey: "TWOLANE_DISCORD_PUBLIC_KEY",
    botToken: "TWOLANE_DISCORD_BOT_TOKEN",
    applicationId: "TWOLANE_DISCORD_APPLICATION_ID",
  })
  return {
    slack: slack && { ...slack, apiUrl: settings.TWOLANE_SLACK_API_URL },
    discord: discord && { ...discord, apiUrl: settings.TWOLANE_DISCORD_API_URL },
  }
}

const wholeOrNone = <Part extends string>(
  settings: Settings,
  parts: Record<Part, keyof Settings>,
): Record<Part, string> | null => {
  const values = Object.entries<keyof Settings>(parts).map(([part, name]) => ({
    part,
    name,
    value: settings[name],
  }))
  const there = values.find(({ value }) => value !== undefined)
  if (there === undefined) return null
  const missing = values.find(({ value }) => value === undefined)
  if (missing !== undefined) throw new ConfigError(missing.name, `is missing, since ${there.name} is set`)
  return Object.fromEntries(values.map(({ part, value }) => [part, value])) as Record<Part, string>
}

/** What of it no log may show. */
export const chatSecrets = ({ slack, discord }: ChatConfig): string[] => [
  ...(slack === null ? [] : [slack.signingSecret, slack.botToken]),
  ...(discord === null ? [] : [discord.botToken]),
]
