import { neverAborted, readConfig } from "@twolane/common"
import type { Repo } from "@twolane/protocol"
import { type GithubHouse, hasOpenssl, makeLibrary, startGithubHouse, startModel } from "@twolane/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { checkGithub } from "../src/doctor/github.ts"
import { caller } from "./twolane.ts"

describe.runIf(hasOpenssl())("twolane repos github (needs openssl)", () => {
  const stack = new AsyncDisposableStack()
  let at: GithubHouse
  let twolane = caller({})

  beforeAll(async () => {
    const library = stack.use(await makeLibrary())
    const model = stack.use(await startModel({ script: () => ({ items: [] }) }))
    at = stack.use(await startGithubHouse(library, { modelUrl: model.url }))
    twolane = caller({ TWOLANE_URL: at.house.url, TWOLANE_API_KEY: at.house.apiKey })
  })
  afterAll(() => stack.disposeAsync())

  const shop = async (): Promise<Repo | undefined> => {
    const { out } = await twolane(["repos", "--json"])
    return (JSON.parse(out) as { items: Repo[] }).items.find(({ name }) => name === "shop")
  }

  test("a repo is unlinked, and linked again by what its source is", async () => {
    const { installation, repository } = at.github.state
    expect((await shop())?.github).toMatchObject({ installation, repository: repository.id })
    expect(await twolane(["repos", "github", "shop", "--remove"])).toMatchObject({
      code: 0,
      out: "shop is unlinked: nothing said at GitHub reaches it any more.\n",
    })
    expect((await shop())?.github).toBeUndefined()
    const linked = await twolane(["repos", "github", "shop", "--label", "agent", "--fix-turns", "2"])
    expect(linked).toMatchObject({
      code: 0,
      out: `shop is acme/shop at GitHub (repository ${repository.id}, installation ${installation}).\n`,
    })
    expect((await shop())?.github).toMatchObject({ fullName: "acme/shop", label: "agent", fixTurns: 2 })
    expect((await twolane(["repos"])).out).toContain("acme/shop at GitHub")
  })

  test("what cannot be linked says why, and changes nothing", async () => {
    const before = await shop()
    const isInstallation = (_method: string, path: string) => path.endsWith("/installation")
    at.github.set({ fits: isInstallation, times: 1, answer: { status: 404 } })
    const absent = await twolane(["repos", "github", "shop"])
    expect([absent.code, absent.notes]).toEqual([
      1,
      expect.stringContaining("The App is not installed at acme/shop"),
    ])
    const nowhere = await twolane(["repos", "github", "nowhere"])
    expect([nowhere.code, nowhere.notes]).toEqual([1, expect.stringContaining("no such repo")])
    const many = await twolane(["repos", "github", "shop", "--fix-turns", "9"])
    expect([many.code, many.notes]).toEqual([1, expect.stringContaining("fixTurns")])
    expect(await shop()).toEqual(before)
  })

  test("doctor says who the App is, what it lacks at GitHub, and that its deliveries go elsewhere", async () => {
    const { github, house } = at
    const publicUrl = "https://twolane.example.com"
    const findings = (key: string) =>
      checkGithub(
        readConfig({
          TWOLANE_GITHUB_API_URL: github.url,
          TWOLANE_GITHUB_APP_ID: String(github.appId),
          TWOLANE_GITHUB_KEY_FILE: key,
          TWOLANE_GITHUB_WEBHOOK_SECRET: github.webhookSecret,
          TWOLANE_PUBLIC_URL: publicUrl,
        }),
        neverAborted(),
      )
    github.state.hookUrl = `${publicUrl}/integrations/github`
    expect(await findings(at.keyFile)).toEqual([
      { check: "github", verdict: "ok", detail: "it knows us as Twolane of Acme" },
    ])
    github.state.hookUrl = house.url
    github.state.app.permissions.issues = "read"
    github.state.app.events.pop()
    expect(await findings(at.keyFile)).toEqual([
      {
        check: "github",
        verdict: "bad",
        detail: "Twolane of Acme lacks the permission issues: write, the event check_suite",
      },
      { check: "github webhook", verdict: "bad", detail: expect.stringContaining(`and not to ${publicUrl}`) },
    ])
    github.set({ fits: (_method, path) => path === "/app", times: 1, answer: { status: 401 } })
    expect(await findings(at.keyFile)).toMatchObject([{ check: "github", verdict: "bad" }])
    github.set({ fits: (_method, path) => path === "/app", times: 1, answer: { status: 502 } })
    expect(await findings(at.keyFile)).toMatchObject([{ check: "github", verdict: "warn" }])
    expect(await findings("/nowhere.pem")).toMatchObject([{ check: "github", verdict: "bad" }])
  })
})
