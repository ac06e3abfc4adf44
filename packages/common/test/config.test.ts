import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { ConfigError, type Environment, readConfig } from "../src/config.ts"
import { readPrices } from "../src/config-prices.ts"

const folder = mkdtempSync(join(tmpdir(), "twl-config-"))
afterAll(() => rmSync(folder, { recursive: true }))

const read = (env: Environment) => readConfig(env, "/home/ada/project")
const messageOf = (action: () => unknown): string => {
  try {
    action()
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return "no error"
}

test("with nothing set every setting has the contract's default", () => {
  const model = {
    baseUrl: "https://api.openai.com/v1",
    apiKey: "",
    transport: "auto",
    configured: false,
    simulated: false,
  }
  expect(read({})).toEqual({
    github: { apiUrl: "https://api.github.com", app: null, mention: "@twolane" },
    host: "127.0.0.1",
    port: 4200,
    dataDir: "/home/ada/project/.twolane",
    redisUrl: null,
    models: {
      fast: { ...model, model: "gpt-5.3-codex-spark", contextTokens: 128_000 },
      deep: { ...model, model: "gpt-5.3-codex", contextTokens: 256_000 },
    },
    pricesPath: "/home/ada/project/.twolane/prices.json",
    apiKey: null,
    secretKey: null,
    concurrency: { fast: 8, deep: 2 },
    deepWorkers: 1,
    fastIdleMs: 15 * 60_000,
    warmWorkspaces: 2,
    drainMs: 2_000,
    traces: null,
    fleet: null,
    history: { keepDays: 30, archive: { folder: "/home/ada/project/.twolane/archive" }, archiveDays: null },
    sandbox: "auto",
    jailPaths: [],
    repoRoots: null,
    readyLanes: [],
    logLevel: "info",
    publicUrl: null,
    linkPreviews: true,
    webhookHosts: [],
    metricsTeams: false,
    keyRate: 10_000,
    chat: { slack: null, discord: null },
    url: null,
    install: true,
    noopEngine: false,
    warnings: [],
  })
})

test("an empty variable is an unset one", () => {
  expect(read({ TWOLANE_PORT: "", REDIS_URL: "", TWOLANE_SANDBOX: "" })).toEqual(read({}))
})

test("the settings are frozen, whole", () => {
  const config = read({})
  expect(
    Object.isFrozen(config) && Object.isFrozen(config.models.deep) && Object.isFrozen(config.jailPaths),
  ).toBe(true)
})

describe("a lane's model", () => {
  test("takes the OpenAI settings, and its own over them", () => {
    const { fast, deep } = read({
      OPENAI_API_KEY: "sk-general",
      OPENAI_BASE_URL: "https://models.example/v1/",
      TWOLANE_FAST_BASE_URL: "http://127.0.0.1:9/v1",
      TWOLANE_FAST_MODEL: "small",
      TWOLANE_MODEL_TRANSPORT: "sse",
      TWOLANE_FAST_TRANSPORT: "chat",
      TWOLANE_DEEP_CONTEXT_TOKENS: "64000",
    }).models
    expect(fast).toMatchObject({
      model: "small",
      baseUrl: "http://127.0.0.1:9/v1",
      apiKey: "sk-general",
      transport: "chat",
    })
    expect(deep).toMatchObject({
      baseUrl: "https://models.example/v1",
      transport: "sse",
      contextTokens: 64_000,
    })
  })

  test("is configured by a key or by a base URL alone", () => {
    expect(read({ TWOLANE_DEEP_API_KEY: "k" }).models).toMatchObject({
      fast: { configured: false },
      deep: { configured: true },
    })
    expect(read({ OPENAI_BASE_URL: "http://localhost:1" }).models).toMatchObject({
      fast: { configured: true, apiKey: "" },
      deep: { configured: true },
    })
  })

  test("is the simulated one only when nothing is configured for either lane", () => {
    const url = { TWOLANE_SIMULATED_URL: "http://127.0.0.1:7/v1" }
    expect(read(url).models.deep).toMatchObject({
      simulated: true,
      configured: true,
      baseUrl: "http://127.0.0.1:7/v1",
    })
    expect(read({ ...url, TWOLANE_FAST_API_KEY: "k" }).models.deep).toMatchObject({
      simulated: false,
      configured: false,
    })
  })
})

test.each([
  [{ TWOLANE_PORT: "65536" }, "TWOLANE_PORT: must be a whole number from 0 to 65535"],
  [{ TWOLANE_PORT: "80.5" }, "TWOLANE_PORT: must be a whole number from 0 to 65535"],
  [{ TWOLANE_PORT: "tcp://10.0.0.1:4200" }, "TWOLANE_PORT: must be a whole number from 0 to 65535"],
  [{ TWOLANE_HOST: "http://x" }, "TWOLANE_HOST: must be a host name or an IP address"],
  [
    { REDIS_URL: "http://x" },
    "REDIS_URL: must be redis://…, rediss://…, unix:///path, redis+sentinel://…/name, or a comma-separated list of redis addresses",
  ],
  [
    { REDIS_URL: "redis+sentinel://a:26379" },
    "REDIS_URL: must be redis://…, rediss://…, unix:///path, redis+sentinel://…/name, or a comma-separated list of redis addresses",
  ],
  [
    { REDIS_URL: "redis://a:1,b:2" },
    "REDIS_URL: must be redis://…, rediss://…, unix:///path, redis+sentinel://…/name, or a comma-separated list of redis addresses",
  ],
  [
    { OPENAI_BASE_URL: "ftp://x" },
    "OPENAI_BASE_URL: must be an http:// or https:// URL without user name, query or fragment",
  ],
  [
    { OPENAI_BASE_URL: "https://u:p@x" },
    "OPENAI_BASE_URL: must be an http:// or https:// URL without user name, query or fragment",
  ],
  [
    { OPENAI_API_KEY: "two words" },
    "OPENAI_API_KEY: must be visible ASCII without blanks, at most 512 characters",
  ],
  [{ TWOLANE_FAST_TRANSPORT: "ws" }, "TWOLANE_FAST_TRANSPORT: must be one of auto, websocket, sse, chat"],
  [{ TWOLANE_DEEP_CONCURRENCY: "0" }, "TWOLANE_DEEP_CONCURRENCY: must be a whole number from 1 to 1000"],
  [{ TWOLANE_DRAIN: "2d" }, "TWOLANE_DRAIN: must be at most one day"],
  [{ TWOLANE_FAST_IDLE: "15" }, "TWOLANE_FAST_IDLE: must be a duration such as 90s, 15m or 2h"],
  [{ TWOLANE_FLEET_HOST: "fast_1" }, "TWOLANE_FLEET_HOST: must be a host name or an IP address"],
  [
    { TWOLANE_FLEET_ADDRESS: "10.0.0.1" },
    "TWOLANE_FLEET_ADDRESS: needs TWOLANE_FLEET_HOST, where the fast worker listens",
  ],
  [{ TWOLANE_SANDBOX: "on" }, "TWOLANE_SANDBOX: must be one of auto, required, off"],
  [{ TWOLANE_JAIL_PATHS: "opt" }, "TWOLANE_JAIL_PATHS: must be absolute paths, separated by colons"],
  [{ TWOLANE_READY_LANES: "slow" }, "TWOLANE_READY_LANES: must be fast, deep, or fast,deep"],
  [{ LOG_LEVEL: "loud" }, "LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent"],
  [
    { TWOLANE_SECRET_KEY: "short" },
    "TWOLANE_SECRET_KEY: must be 32 bytes in base64 (openssl rand -base64 32)",
  ],
  [{ TWOLANE_PRICES: "none.json" }, "TWOLANE_PRICES: there is no file /home/ada/project/none.json"],
  [
    { TWOLANE_HOST: "0.0.0.0", TWOLANE_API_KEY: "guess" },
    "TWOLANE_API_KEY: must have at least 16 characters when TWOLANE_HOST is not loopback",
  ],
] satisfies [Environment, string][])("%j is refused by one line", (env, message) => {
  expect(messageOf(() => read(env))).toBe(message)
})

test("a refusal never repeats a secret's value", () => {
  expect(messageOf(() => read({ OPENAI_API_KEY: "sk secret" }))).not.toContain("sk secret")
})

test.each([
  "redis://h:1",
  "rediss://:pw@h",
  "redis://a:1,redis://b:2",
  "redis+sentinel://u:p@a:1,b/main",
  "unix:///run/x.sock",
])("REDIS_URL may be %s", url => {
  expect(read({ REDIS_URL: url }).redisUrl).toBe(url)
})

test("durations, lists and paths are parsed", () => {
  const config = read({
    TWOLANE_FAST_IDLE: "2h",
    TWOLANE_READY_LANES: "deep, fast,deep",
    TWOLANE_JAIL_PATHS: "/opt/a/:/b",
  })
  expect([config.fastIdleMs, config.readyLanes, config.jailPaths]).toEqual([
    7_200_000,
    ["deep", "fast"],
    ["/opt/a", "/b"],
  ])
})

test("a fast worker is reached where it listens, unless it listens everywhere or another address is named", () => {
  const fleet = (env: Environment) => read({ TWOLANE_FLEET_HOST: "0.0.0.0", ...env }).fleet
  expect(fleet({})).toEqual({ host: "0.0.0.0", port: 4201, address: null })
  expect(fleet({ TWOLANE_FLEET_HOST: "10.0.0.7", TWOLANE_FLEET_PORT: "9000" })).toEqual({
    host: "10.0.0.7",
    port: 9000,
    address: "10.0.0.7",
  })
  expect(fleet({ TWOLANE_FLEET_ADDRESS: "fast-1.internal" })?.address).toBe("fast-1.internal")
})

test("a secret key may be base64 or base64url and is kept as base64url", () => {
  const bytes = Buffer.alloc(32, 0xfb)
  expect(read({ TWOLANE_SECRET_KEY: bytes.toString("base64") }).secretKey).toBe(bytes.toString("base64url"))
})

test("path sources lie anywhere on loopback, and nowhere off it unless roots are named", () => {
  const off = { TWOLANE_HOST: "0.0.0.0" }
  expect(read({ TWOLANE_HOST: "127.0.0.2" }).repoRoots).toBeNull()
  expect(read(off).repoRoots).toEqual([])
  expect(read({ ...off, TWOLANE_REPO_ROOTS: "/srv/git" }).repoRoots).toEqual(["/srv/git"])
})

test("a chat platform is set up whole or not at all, and what is missing is named", () => {
  const slack = { TWOLANE_SLACK_SIGNING_SECRET: "0".repeat(32), TWOLANE_SLACK_BOT_TOKEN: "xoxb-1" }
  const discord = {
    TWOLANE_DISCORD_PUBLIC_KEY: "a".repeat(64),
    TWOLANE_DISCORD_BOT_TOKEN: "token",
    TWOLANE_DISCORD_APPLICATION_ID: "1".repeat(18),
  }
  expect(read({ ...slack, ...discord }).chat).toEqual({
    slack: { signingSecret: "0".repeat(32), botToken: "xoxb-1", apiUrl: "https://slack.com/api" },
    discord: {
      publicKey: "a".repeat(64),
      botToken: "token",
      applicationId: "1".repeat(18),
      apiUrl: "https://discord.com/api/v10",
    },
  })
  for (const whole of [slack, discord])
    for (const missing of Object.keys(whole)) {
      const message = messageOf(() => read({ ...whole, [missing]: "" }))
      expect(message).toMatch(new RegExp(`^${missing}: is missing, since TWOLANE_[A-Z_]+ is set$`))
    }
  expect(messageOf(() => read({ ...slack, TWOLANE_SLACK_SIGNING_SECRET: "secret" }))).toBe(
    "TWOLANE_SLACK_SIGNING_SECRET: must be the app's signing secret: 32 hexadecimal digits",
  )
})

test("a variable that only looks like a setting is a warning with the likely name", () => {
  expect(read({ TWOLANE_DEEP_CONCURENCY: "3", TWOLANE_GATEWAY_SERVICE_HOST: "10.0.0.1" }).warnings).toEqual([
    "TWOLANE_DEEP_CONCURENCY is not a setting of Twolane and is ignored: did you mean TWOLANE_DEEP_CONCURRENCY?",
    "TWOLANE_GATEWAY_SERVICE_HOST is not a setting of Twolane and is ignored",
  ])
})

describe("prices", () => {
  test("no file is no prices", () => {
    expect(readPrices(join(folder, "absent.json"))).toEqual({})
  })

  test("a table is read; a damaged one is refused by a line that names the place", () => {
    const path = join(folder, "prices.json")
    writeFileSync(path, JSON.stringify({ "gpt-x": { input: 1.25, cachedInput: 0.125, output: 10 } }))
    expect(readPrices(path)).toEqual({ "gpt-x": { input: 1.25, cachedInput: 0.125, output: 10 } })
    writeFileSync(path, JSON.stringify({ "gpt-x": { input: "1", cachedInput: 0, output: 10 } }))
    expect(messageOf(() => readPrices(path))).toMatch(/^TWOLANE_PRICES: .*gpt-x\.input: /)
    writeFileSync(path, "{")
    expect(messageOf(() => readPrices(path))).toMatch(/is not JSON$/)
  })
})
