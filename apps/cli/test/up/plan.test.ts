import { readConfig } from "@twolane/common"
import { expect, test } from "vitest"
import {
  isSimulated,
  neededPackages,
  partSettings,
  pathWithoutNpm,
  servesDeep,
  servesFast,
} from "../../src/up/plan.ts"

const read = (env: Record<string, string>) => readConfig(env, "/home/ada")

test("the private Redis and the jail ask for system packages, where they are used", () => {
  expect(neededPackages(read({}), "linux")).toEqual(["git", "redis", "bubblewrap"])
  expect(neededPackages(read({}), "darwin")).toEqual(["git", "redis"])
  expect(neededPackages(read({ REDIS_URL: "redis://h", TWOLANE_SANDBOX: "off" }), "linux")).toEqual(["git"])
})

test("the parts get the keys, the Redis, the port and what readyz waits for", () => {
  const keys = { apiKey: "twl_k", secretKey: "s" }
  const simulatedUrl = "http://127.0.0.1:1/v1"
  expect(partSettings({ config: read({}), keys, port: 4201, redisUrl: "unix:///x", simulatedUrl })).toEqual({
    TWOLANE_PORT: "4201",
    TWOLANE_DATA_DIR: "/home/ada/.twolane",
    TWOLANE_API_KEY: "twl_k",
    TWOLANE_SECRET_KEY: "s",
    REDIS_URL: "unix:///x",
    TWOLANE_ARCHIVE: "/home/ada/.twolane/archive",
    TWOLANE_READY_LANES: "fast,deep",
    TWOLANE_SIMULATED_URL: simulatedUrl,
  })
})

test("the simulation serves only when neither lane has a model", () => {
  expect(isSimulated(read({}))).toBe(true)
  expect(isSimulated(read({ TWOLANE_FAST_API_KEY: "k" }))).toBe(false)
})

test("deep workers are started only with a model to call", () => {
  expect(servesDeep(read({ TWOLANE_FAST_API_KEY: "k" }), null)).toBe(false)
  expect(servesDeep(read({}), "http://x")).toBe(true)
  expect(servesDeep(read({ OPENAI_API_KEY: "k" }), null)).toBe(true)
  expect(servesDeep(read({ OPENAI_API_KEY: "k", TWOLANE_DEEP_WORKERS: "0" }), null)).toBe(false)
})

test("a fast worker is started only with a model to call", () => {
  expect(servesFast(read({ TWOLANE_DEEP_API_KEY: "k" }), null)).toBe(false)
  expect(servesFast(read({}), "http://x")).toBe(true)
  expect(servesFast(read({ TWOLANE_FAST_API_KEY: "k" }), null)).toBe(true)
})

test("npm's own folders are taken out of the PATH that jails inherit", () => {
  const npm = "/w/main/node_modules/.bin:/w/node_modules/.bin:/usr/lib/node_modules/npm/bin/node-gyp-bin"
  expect(pathWithoutNpm(`${npm}:/opt/node/bin:/usr/bin`)).toBe("/opt/node/bin:/usr/bin")
})
