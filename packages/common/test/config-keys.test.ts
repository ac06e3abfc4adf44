import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { keptKeys, loadKeys } from "../src/config-keys.ts"

let dataDir = ""
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "twl-keys-"))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

test("the first start makes keys that only their owner can read, and later starts find them", () => {
  const settings = { dataDir: join(dataDir, "new"), apiKey: null, secretKey: null }
  const first = loadKeys(settings)
  expect(first.apiKey).toMatch(/^twl_[\w-]{32}$/)
  expect(Buffer.from(first.secretKey, "base64url")).toHaveLength(32)
  expect(statSync(join(dataDir, "new/keys.json")).mode & 0o777).toBe(0o600)
  expect(loadKeys(settings)).toEqual(first)
  expect(keptKeys(settings.dataDir)).toEqual(first)
})

test("a key from the settings goes before the kept one", () => {
  const kept = loadKeys({ dataDir, apiKey: null, secretKey: null })
  expect(loadKeys({ dataDir, apiKey: "mine", secretKey: null })).toEqual({ ...kept, apiKey: "mine" })
})

test("with both keys set no file is made", () => {
  loadKeys({ dataDir, apiKey: "mine", secretKey: "a".repeat(43) })
  expect(keptKeys(dataDir)).toBeNull()
})

test("a damaged key file stops the start", () => {
  writeFileSync(join(dataDir, "keys.json"), "{}")
  expect(() => loadKeys({ dataDir, apiKey: null, secretKey: null })).toThrow(
    /^TWOLANE_DATA_DIR: .* is damaged/,
  )
})
