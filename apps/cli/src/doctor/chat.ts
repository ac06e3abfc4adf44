import { askDiscordWho, askSlackWho, type Posted } from "@twolane/chat"
import type { Config } from "@twolane/common"
import { oneLine } from "@twolane/common/clean"
import { bad, type Finding, ok, warn } from "./finding.ts"

/** The chat platforms that are set up: whether they take our tokens, and can reach us. */
export const checkChat = async ({ chat, publicUrl }: Config, signal: AbortSignal): Promise<Finding[]> => {
  const { slack, discord } = chat
  const findings: Finding[] = []
  if (slack !== null) {
    const access = { apiUrl: `${slack.apiUrl}/`, token: slack.botToken }
    findings.push(findingOf("slack", "TWOLANE_SLACK_BOT_TOKEN", await askSlackWho(access, signal)))
  }
  if (discord !== null) {
    const { apiUrl, botToken: token, applicationId } = discord
    const who = await askDiscordWho({ apiUrl, token, applicationId }, signal)
    findings.push(findingOf("discord", "TWOLANE_DISCORD_BOT_TOKEN", who))
  }
  if (findings.length > 0 && publicUrl === null)
    findings.push(
      warn(
        "chat links",
        "TWOLANE_PUBLIC_URL is not set: platforms need an https address, and messages have no links",
      ),
    )
  return findings
}

const findingOf = (check: "slack" | "discord", variable: string, who: Posted): Finding => {
  if (who.ok) return ok(check, `it knows us as ${oneLine(who.sentAs)}`)
  if (who.why === "refused") return bad(check, `it refuses ${variable}: ${oneLine(who.error)}`)
  return warn(check, "it does not answer now")
}
