import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { AuditCheck, AuditRecord, Key } from "@twolane/protocol"
import { type House, makeTempFolder, startHouse, startModel, type TempFolder } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { caller } from "./twolane.ts"

let folder: TempFolder
let model: Awaited<ReturnType<typeof startModel>>
let house: House
let twolane = caller({})

beforeAll(async () => {
  folder = await makeTempFolder("twl-access-")
  model = await startModel({ script: () => ({ items: [] }) })
  house = await startHouse({ modelUrl: model.url })
  twolane = caller({ TWOLANE_URL: house.url, TWOLANE_API_KEY: house.apiKey })
})
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
  await model?.stop()
  await folder?.[Symbol.asyncDispose]()
})

test("a key is made, shown once, used, and revoked", async () => {
  const add = await twolane(["keys", "add", "Ada", "--email", "ada@example.com", "--role", "viewer"])
  const secret = add.out.trim()
  expect([add.code, secret]).toEqual([0, expect.stringMatching(/^twl_[\w-]{43}$/)])
  const { items } = JSON.parse((await twolane(["keys", "--json"])).out) as { items: Key[] }
  expect(items).toMatchObject([{ name: "Ada", email: "ada@example.com", role: "viewer" }])
  const id = items[0]?.id ?? ""
  expect(add.notes).toContain(`twolane sign-in ${id}`)

  const ada = caller({ TWOLANE_URL: house.url, TWOLANE_API_KEY: secret })
  expect((await ada(["list"])).code).toBe(0)
  const refused = await ada(["queue", "pause"])
  expect([refused.code, refused.notes]).toEqual([1, expect.stringContaining("needs the role admin")])
  const invitation = await twolane(["sign-in", id])
  expect(invitation.out).toMatch(new RegExp(`^${house.url}/sign-in#[\\w-]{43}\n$`))

  expect((await twolane(["keys", "rm", id])).code).toBe(0)
  expect((await twolane(["keys"])).out).toContain("No keys beside the one of the settings")
  expect((await ada(["list"])).notes).toMatch(
    /^twolane: The API key is not valid .* TWOLANE_API_KEY.*\(unauthorized\)\n$/,
  )
})

test("the audit log is listed, exported and proven, also against what was known", async () => {
  const listed = await twolane(["audit", "--action", "key.revoke"])
  expect([listed.code, listed.out]).toEqual([
    0,
    expect.stringMatching(/^\d{4}-\d\d-\d\d .* admin key\.revoke key key_/),
  ])
  const verified = await twolane(["audit", "--verify"])
  expect([verified.code, verified.out]).toEqual([
    0,
    expect.stringMatching(/^The audit log is whole, from record 1 to \d+\.\n/),
  ])
  const known = /: (\d+:[\w-]{43})\n/.exec(verified.out)?.[1] ?? ""
  const file = join(folder.path, "audit.jsonl")
  writeFileSync(file, (await twolane(["audit", "--export"])).out)
  const lines = readFileSync(file, "utf8").trimEnd().split("\n")
  const records = lines.map(line => JSON.parse(line) as AuditRecord)
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1))
  expect((await twolane(["audit", "--verify", "--known", known])).code).toBe(0)
  const forged = await twolane(["audit", "--verify", "--json", "--known", `1:${"A".repeat(43)}`])
  expect([forged.code, (JSON.parse(forged.out) as AuditCheck).problems]).toMatchObject([1, [{ seq: 1 }]])
})
