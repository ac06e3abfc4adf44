import { expect, test } from "vitest"
import { pageOf, tableIn } from "./page.ts"

/** The bits of Discord's permissions. */
const bits: Readonly<Record<string, number>> = {
  "View Channels": 10,
  "Send Messages": 11,
  "Embed Links": 14,
  "Attach Files": 15,
  "Read Message History": 16,
  "Create Public Threads": 35,
  "Send Messages in Threads": 38,
}

test("the invitation asks for the permissions of the table, and for no other, and for both scopes", () => {
  const page = pageOf("discord")
  const [address = ""] = /https:\/\/discord\.com\/oauth2\/authorize\S+?(?=`)/.exec(page) ?? []
  const { searchParams } = new URL(address)
  const named = tableIn(page, "permission").flatMap(([names = ""]) => names.split(", "))
  expect(named.toSorted()).toEqual(Object.keys(bits).toSorted())
  const wanted = named.reduce((all, name) => all | (1n << BigInt(bits[name] ?? 0)), 0n)
  expect(searchParams.get("permissions")).toBe(String(wanted))
  expect(searchParams.get("scope")?.split(" ")).toEqual(["bot", "applications.commands"])
})
