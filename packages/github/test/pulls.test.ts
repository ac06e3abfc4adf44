import { Postponed } from "@twolane/common"
import { isFault } from "@twolane/protocol"
import { plainToken } from "@twolane/testkit"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { openGithub, openPull } from "../src/index.ts"
import { type Opened, openPlace, signal } from "./open-place.ts"

let place: Opened
beforeAll(async () => {
  place = await openPlace()
})
beforeEach(() => {
  const { state } = place.double
  for (const list of [state.pulls, state.requests, state.moods]) list.length = 0
})
afterAll(() => place[Symbol.asyncDispose]())

const wanted = {
  key: "turn_1",
  head: "twolane/task_1",
  base: "main",
  title: "Mend sum",
  receipt: "All green.",
}
const open = (more: Partial<typeof wanted> = {}) =>
  openPull(place.github, { repo: place.repo, credential: null, ...wanted, ...more }, signal)
const isCreate = (method: string, path: string) => method === "POST" && path.endsWith("/pulls")
const creates = () => place.double.state.requests.filter(({ method, path }) => isCreate(method, path)).length

test("a link is found by the source, and has the numbers of installation and repository", () => {
  expect(place.repo.github).toEqual({
    installation: 55_001,
    repository: 81_001,
    fullName: "acme/shop",
    fixTurns: 1,
  })
})

test("a pull request is opened as the installation, with the receipt in its text", async () => {
  const opened = await open()
  expect(opened).toEqual({ number: 100, url: "https://github.example/acme/shop/pull/100" })
  expect(place.double.state.pulls).toEqual([
    {
      number: 100,
      html_url: opened.url,
      state: "open",
      title: "Mend sum",
      body: "<!-- twolane:receipt -->\nAll green.\n<!-- /twolane:receipt -->\n<!-- twolane:turn_1 -->",
      user: { login: "twolane[bot]" },
      head: { ref: "twolane/task_1", sha: "", repo: { id: 81_001 } },
      base: { ref: "main" },
    },
  ])
  expect(place.double.state.requests.at(-1)?.as).toBe("installation")
})

test("the same again finds it, also when it was closed meanwhile", async () => {
  const first = await open()
  expect(await open()).toEqual(first)
  const [pull] = place.double.state.pulls
  if (pull !== undefined) pull.state = "closed"
  expect(await open()).toEqual(first)
  expect(creates()).toBe(1)
})

test("a next turn's brings the receipt up to date, and leaves what people wrote around it", async () => {
  const first = await open()
  const [pull] = place.double.state.pulls
  if (pull === undefined) throw new Error("there is none")
  pull.body = `Please look at the edges.\n\n${pull.body}\nFixes #7`
  expect(await open({ key: "turn_2", receipt: "Two turns." })).toEqual(first)
  expect(pull.body).toContain("Please look at the edges.")
  expect(pull.body).toContain("Two turns.")
  expect(pull.body).toContain("Fixes #7")
  expect(pull.body).not.toContain("All green.")
  expect(creates()).toBe(1)
})

test("an answer that was lost is no second pull request", async () => {
  place.double.set({ fits: isCreate, times: 1, answer: "lose" })
  await expect(open()).rejects.toBeInstanceOf(Postponed)
  expect(place.double.state.pulls.length).toBe(1)
  expect(await open()).toEqual({ number: 100, url: "https://github.example/acme/shop/pull/100" })
  expect(creates()).toBe(1)
})

test("two senders at once open one", async () => {
  const both = await Promise.all([open(), open()])
  expect(both[0]).toEqual(both[1])
  expect(place.double.state.pulls.length).toBe(1)
})

test.each([
  ["429 with retry-after", { status: 429, headers: { "retry-after": "7" } }, 7_000],
  [
    "403 with nothing left",
    { status: 403, headers: { "x-ratelimit-remaining": "0", "retry-after": "9" } },
    9_000,
  ],
  ["503", { status: 503 }, 5_000],
  ["502 with retry-after", { status: 502, headers: { "retry-after": "2" } }, 2_000],
])("%s puts it off for as long as GitHub asks", async (_what, answer, afterMs) => {
  place.double.set({ fits: isCreate, times: 1, answer })
  await expect(open()).rejects.toMatchObject({ name: "Postponed", afterMs })
  expect(await open()).toMatchObject({ number: 100 })
})

test("a refusal is publish-failed, in GitHub's words", async () => {
  place.double.set({ fits: isCreate, times: 1, answer: { status: 403 } })
  const error = await open().catch((thrown: unknown) => thrown)
  expect(isFault(error, "publish-failed") && error.message).toBe(
    "GitHub refused the pull request: In a mood.",
  )
})

test("without the App the repo's own token serves, at the repository that its source is", async () => {
  const { config, repo } = place
  const { github: _link, ...unlinked } = repo
  const plain = openGithub({ ...config, app: null }, null)
  const credential = { kind: "token" as const, token: plainToken }
  const asked = { repo: { ...unlinked, credential: "token" as const }, credential, ...wanted }
  expect(await openPull(plain, asked, signal)).toMatchObject({ number: 100 })
  expect(new Set(place.double.state.requests.map(({ as }) => as))).toEqual(new Set(["token"]))
  await expect(
    openPull(plain, { repo: unlinked, credential: null, ...wanted }, signal),
  ).rejects.toMatchObject({
    code: "not-configured",
  })
})
