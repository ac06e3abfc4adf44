import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeTempFolder } from "@twolane/testkit"
import { expect, test } from "vitest"
import { readConfig, readGithubKey } from "../src/index.ts"

const app = {
  TWOLANE_GITHUB_APP_ID: "4711",
  TWOLANE_GITHUB_KEY_FILE: "/keys/app.pem",
  TWOLANE_GITHUB_WEBHOOK_SECRET: "of sixteen letters",
}

test("without settings GitHub is the public one, and nobody's App", () => {
  expect(readConfig({}).github).toEqual({ apiUrl: "https://api.github.com", app: null, mention: "@twolane" })
})

test("an App has a number, a key file, and a webhook's secret if it hears of anything", () => {
  const { apiUrl, ...rest } = readConfig({
    ...app,
    TWOLANE_GITHUB_API_URL: "https://git.corp/api/v3/",
  }).github
  expect(apiUrl).toBe("https://git.corp/api/v3")
  expect(rest).toEqual({
    app: { id: 4711, keyFile: "/keys/app.pem", webhookSecret: "of sixteen letters" },
    mention: "@twolane",
  })
})

test.each([
  ["TWOLANE_GITHUB_KEY_FILE", { TWOLANE_GITHUB_KEY_FILE: "" }],
  ["TWOLANE_GITHUB_APP_ID", { TWOLANE_GITHUB_APP_ID: "" }],
  ["TWOLANE_GITHUB_APP_ID", { TWOLANE_GITHUB_APP_ID: "twolane" }],
  ["TWOLANE_GITHUB_WEBHOOK_SECRET", { TWOLANE_GITHUB_APP_ID: "", TWOLANE_GITHUB_KEY_FILE: "" }],
  ["TWOLANE_GITHUB_WEBHOOK_SECRET", { TWOLANE_GITHUB_WEBHOOK_SECRET: "short" }],
  ["TWOLANE_GITHUB_MENTION", { TWOLANE_GITHUB_MENTION: "twolane please" }],
  ["TWOLANE_GITHUB_API_URL", { TWOLANE_GITHUB_API_URL: "api.github.com" }],
])("a wrong or missing %s is named", (variable, more) => {
  expect(() => readConfig({ ...app, ...more })).toThrow(expect.objectContaining({ variable }))
})

test("a key file that is not there, or no key, is named", async () => {
  await using folder = await makeTempFolder("twl-key-")
  const path = join(folder.path, "app.pem")
  expect(() => readGithubKey(path)).toThrow(/cannot be read/)
  writeFileSync(path, "-----BEGIN CERTIFICATE-----\n")
  expect(() => readGithubKey(path)).toThrow(/no private key/)
  writeFileSync(path, "-----BEGIN RSA PRIVATE KEY-----\n")
  expect(readGithubKey(path)).toContain("RSA")
})
