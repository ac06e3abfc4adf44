import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { readHost } from "@twolane/common"
import type { Key, SignInLink } from "@twolane/protocol"
import {
  call,
  callsOf,
  hasOpenssl,
  makeLibrary,
  playing,
  say,
  startGithubHouse,
  startModel,
  sumPatch,
} from "@twolane/testkit"
import {
  discordApplication,
  discordPublicKey,
  discordToken,
  startDiscord,
} from "@twolane/testkit/chat/discord-double"
import { slackMention, slackSecret, slackToken, startSlack } from "@twolane/testkit/chat/slack-double"
import { expect, test } from "vitest"
import { redisText } from "./redis-text.ts"

const cli = join(import.meta.dirname, "../../cli/bin/twolane.js")

/** Told by a test; in parts, so that only what it says has it whole. */
const told = `ghp_${"c4N1".repeat(9)}`
const files = {
  "test/sum.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { sum } from "../src/sum.js"
test("adds", () => assert.equal(sum(1, 1), 2, "ghp_" + "c4N1".repeat(9)))
`,
}
const scenes = playing({
  // Red first, so that what the test tells goes back to the model, and into what people see.
  tells: seen => {
    const patches = callsOf(seen, "apply_patch")
    if (patches === 0) return call(["apply_patch", sumPatch("a - b", "a - b - 0")])
    if (patches === 1 && seen.some(({ kind }) => kind === "assistant"))
      return call(["apply_patch", sumPatch("a - b - 0", "a + b")])
    return say("Done.")
  },
})

test.runIf(hasOpenssl())(
  "secrets of platforms are found in no log, chat, receipt, answer, error, or output of the command line (needs openssl)",
  async () => {
    await using stack = new AsyncDisposableStack()
    const library = stack.use(await makeLibrary(files))
    const modelKey = "sk-canary-model-0123456789abcdef"
    const wrongKey = "sk-canary-wrong-0123456789abcdef"
    const model = stack.use(await startModel({ script: scenes, apiKey: modelKey }))
    const slack = stack.use(await startSlack())
    const discord = stack.use(await startDiscord())
    const env = {
      OPENAI_API_KEY: modelKey,
      TWOLANE_SLACK_SIGNING_SECRET: slackSecret,
      TWOLANE_SLACK_BOT_TOKEN: slackToken,
      TWOLANE_SLACK_API_URL: slack.apiUrl,
      TWOLANE_DISCORD_APPLICATION_ID: discordApplication,
      TWOLANE_DISCORD_PUBLIC_KEY: discordPublicKey,
      TWOLANE_DISCORD_BOT_TOKEN: discordToken,
      TWOLANE_DISCORD_API_URL: discord.url,
      TWOLANE_PUBLIC_URL: "https://twolane.example.com",
    }
    const at = stack.use(await startGithubHouse(library, { modelUrl: model.url, env }))
    const { house, github } = at
    const { secret, ...key } = (await house.call("POST", "/v1/keys", { name: "Mem", role: "member" }))
      .body as Key & { secret: string }
    const person = { platform: "slack", workspace: "T1", user: "U1", key: key.id }
    expect((await house.call("POST", "/v1/chat/links", person)).status).toBe(201)
    const link = (await house.call("POST", "/v1/sign-in-links")).body as SignInLink
    const code = (await house.call("POST", "/v1/chat/codes", {})).body as { code: string }

    // What goes wrong is told with care as well.
    slack.next("chat.postMessage", { instead: { status: 500 } })
    slack.next("chat.update", { instead: { json: { ok: false, error: "invalid_auth" } } })
    discord.next("/", { instead: { status: 401, json: { message: "401: Unauthorized" } } })
    github.set({ times: 1, fits: method => method === "POST", answer: { status: 401 } })
    const { body, headers } = slackMention(
      { user: "U1", channel: "C1", ts: "1797000000.000001" },
      "in shop, deep: --pr [tells] mend it",
    )
    expect((await fetch(`${house.url}/integrations/slack`, { method: "POST", body, headers })).status).toBe(
      200,
    )
    const ended = () => slack.messages.some(message => message.key?.startsWith("slack/end/"))
    await expect.poll(ended).toBe(true)
    const { items } = (await house.call("GET", "/v1/tasks")).body as {
      items: { id: string; status: string }[]
    }
    expect(items).toMatchObject([{ status: "succeeded" }])
    const id = items[0]?.id ?? ""
    const stranger = house.addWorker({ OPENAI_API_KEY: wrongKey })
    await expect.poll(() => stranger.output()).toContain("OPENAI_API_KEY")

    const run = async (...args: string[]) => {
      const settings = {
        TWOLANE_URL: house.url,
        TWOLANE_API_KEY: house.apiKey,
        TWOLANE_DATA_DIR: house.dataDir,
        HOME: house.dataDir,
      }
      const github = {
        TWOLANE_GITHUB_API_URL: at.github.url,
        TWOLANE_GITHUB_APP_ID: String(at.github.appId),
        TWOLANE_GITHUB_KEY_FILE: at.keyFile,
        TWOLANE_GITHUB_WEBHOOK_SECRET: at.github.webhookSecret,
      }
      const options = {
        cwd: house.dataDir,
        env: {
          PATH: readHost().path,
          REDIS_URL: house.redis.url,
          OPENAI_BASE_URL: model.url,
          ...env,
          ...github,
          ...settings,
        },
      }
      // The doctor, who finds something, ends with another code.
      return promisify(execFile)(process.execPath, [cli, ...args], options).then(
        ({ stdout, stderr }) => stdout + stderr,
        ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
      )
    }
    const commands = [
      "list",
      "repos",
      "keys",
      "audit",
      "chat",
      "queue",
      "gates",
      "doctor",
      `watch ${id}`,
      `diff ${id}`,
      `--json watch ${id}`,
    ]
    const printed: string[] = []
    for (const command of commands) printed.push(await run(...command.split(" ")))
    const asked = [
      "/",
      `/v1/tasks/${id}`,
      `/v1/tasks/${id}/events?limit=200`,
      "/v1/chat/links",
      "/v1/repos",
      "/v1/workers",
      "/metrics",
    ]
    const places: Record<string, string> = {
      logs: [house.gateway, ...house.workers].map(part => part.output()).join("\n"),
      redis: await redisText(house.redis.url),
      prompts: JSON.stringify(model.requests.map(sent => sent.body)),
      // The header is where a token belongs.
      chat: JSON.stringify([
        slack.messages,
        [...slack.calls, ...discord.calls].map(({ as: _as, ...told }) => told),
      ]),
      receipts: JSON.stringify([github.state.pulls, github.state.comments, github.state.requests]),
      answers: (await Promise.all(asked.map(async path => (await house.call("GET", path)).text))).join("\n"),
      printed: printed.join("\n"),
    }
    const found = (secrets: Record<string, string>) =>
      Object.entries(places).flatMap(([place, text]) =>
        Object.entries(secrets).flatMap(([kind, canary]) =>
          text.includes(canary) ? [`${kind} in ${place}`] : [],
        ),
      )
    const secrets = {
      slackToken,
      slackSecret,
      discordToken,
      modelKey,
      wrongKey,
      told,
      key: secret,
      first: house.apiKey,
      installation: github.state.token,
      hook: github.webhookSecret,
      app: github.privateKey.split("\n")[1] ?? "",
      link: new URL(link.url).hash.slice(1),
      code: code.code,
    }
    expect(Object.values(secrets).filter(canary => canary.length < 6)).toEqual([])
    expect(found(secrets)).toEqual([])
    // The search itself finds what is there, and everybody was spoken to.
    expect(found({ task: id })).toHaveLength(Object.keys(places).length)
    expect(discord.calls.length).toBeGreaterThan(0)
    expect(github.state.pulls).toMatchObject([{ state: "open" }])
    expect(places.printed).toContain("slack")
    const struck = ["prompts", "answers", "printed"].filter(place => places[place]?.includes("[secret]"))
    expect(struck).toEqual(["prompts", "answers", "printed"])
  },
)
