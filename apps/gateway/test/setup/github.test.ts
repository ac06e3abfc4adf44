import { readFileSync } from "node:fs"
import { join } from "node:path"
import { askGithubWho, hookEvents, openGithub } from "@twolane/github"
import { startGithub } from "@twolane/testkit"
import { expect, test } from "vitest"
import { z } from "zod"
import { byText, docsRoot, pageOf, tableIn } from "./page.ts"

const manifest = z
  .object({
    hook_attributes: z.object({ url: z.string(), active: z.literal(true) }),
    default_permissions: z.record(z.string(), z.string()),
    default_events: z.array(z.string()),
  })
  .parse(JSON.parse(readFileSync(join(docsRoot, "github/app-manifest.json"), "utf8")))
const { default_permissions: permissions, default_events: events } = manifest

test("an App made from the manifest lacks nothing, and without any part of it something; nothing else is asked for", async () => {
  await using github = await startGithub({ id: 1, owner: "acme", name: "shop" })
  const app = { id: github.appId, keyFile: "", webhookSecret: null }
  const { asApp } = openGithub({ apiUrl: github.url, app, mention: "@twolane" }, github.privateKey)
  if (asApp === null) throw new Error("it is no App")
  const lacks = async (has: { permissions: Record<string, string>; events: string[] }) => {
    github.state.app = { name: "Twolane of Acme", ...has }
    return (await askGithubWho(asApp, AbortSignal.timeout(10_000))).lacks
  }
  expect(await lacks({ permissions, events })).toEqual([])
  // Reading what is public of a repository is GitHub's own condition for any other permission.
  for (const [name, level] of Object.entries(permissions).filter(([of]) => of !== "metadata")) {
    const { [name]: _left, ...others } = permissions
    expect(await lacks({ permissions: others, events })).toEqual([`the permission ${name}: ${level}`])
  }
  for (const event of events)
    expect(await lacks({ permissions, events: events.filter(each => each !== event) })).toEqual([
      `the event ${event}`,
    ])
  expect(events.toSorted(byText)).toEqual(hookEvents.toSorted(byText))
})

test("the page names the manifest's permissions, events and address", () => {
  const cells = Object.fromEntries(tableIn(pageOf("github"), "field"))
  const words = (text = "") =>
    text
      .replaceAll(/\([^)]*\)/g, "")
      .split("·")
      .map(word => word.trim())
  const spoken = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll("_", " ")}`
  expect(words(cells["Repository permissions"]).toSorted(byText)).toEqual(
    Object.entries(permissions)
      .map(([name, level]) => `${spoken(name)}: ${level}`)
      .toSorted(byText),
  )
  expect(words(cells.Events).toSorted(byText)).toEqual(events.map(spoken).toSorted(byText))
  expect(new URL(manifest.hook_attributes.url).pathname).toBe("/integrations/github")
  expect(cells["Webhook URL"]).toContain("/integrations/github")
})
