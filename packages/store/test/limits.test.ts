import { expect, test } from "vitest"
import { fieldsOf, limitsOf } from "../src/queue/limits.ts"

test("a change of limits keeps what it does not name, null takes one away, and what is kept reads as it was written", () => {
  const change = {
    perRepo: 3,
    perTeam: 7,
    teams: { red: { share: 2, reserved: 1, repos: { "shop.web": 1 } } },
    providers: { "api.openai.com": 4 },
  }
  const fields = Object.fromEntries(
    Object.entries(fieldsOf(change)).map(([name, value]) => [name, `${value}`]),
  )
  expect(limitsOf(fields, 2)).toEqual(change)
  expect(limitsOf({}, 2)).toEqual({ perRepo: 2 })
  expect(fieldsOf({ perTeam: null, teams: { red: { share: null, repos: { shop: null } } } })).toEqual({
    perTeam: null,
    "team red share": null,
    "repo red/shop": null,
  })
})
