import type { HookDelivery } from "@twolane/github"
import { hasOpenssl, saidComment } from "@twolane/testkit"
import { expect, test } from "vitest"
import { missedOf } from "../../src/github/missed.ts"
import { ada, type GithubScene, issueOf, openScene } from "./github-scene.ts"

test.runIf(hasOpenssl())(
  "what was delivered while no gateway was there is sent again once one is, over all pages, and done once",
  async () => {
    await using scene = await openScene()
    const { github, house } = scene.at
    const hook = () => `${house.url}/integrations/github`
    const asked = (number: number) => asking(scene, number)
    expect(await github.deliver(hook, "issue_comment", asked(41))).toMatchObject({ status_code: 202 })
    await scene.untilTask(41, ({ status }) => status === "succeeded")
    house.gateway.kill("SIGKILL")
    await house.gateway.ended
    expect(await github.deliver(hook, "issue_comment", asked(42))).toMatchObject({ status_code: 0 })
    // What means nothing to us fills the next page, and is not sent again.
    for (let index = 0; index < 120; index += 1) await github.deliver(hook, "push", { index })
    github.set({
      fits: (_method, path) => path === "/app/hook/deliveries",
      times: 1,
      answer: { status: 503, headers: { "retry-after": "1" } },
    })
    await house.restartGateway()
    await scene.untilTask(42, ({ status }) => status === "succeeded")
    expect(github.state.deliveries.filter(({ redelivery }) => redelivery)).toMatchObject([
      { event: "issue_comment", status_code: 202 },
    ])
    expect((await scene.tasksOf(41)).map(({ turns }) => turns.length)).toEqual([1])
  },
)

test.runIf(hasOpenssl())(
  "two gateways that start at once, and a person who presses Redeliver beside them, do each missed delivery once",
  async () => {
    await using scene = await openScene()
    const { github, house } = scene.at
    house.gateway.kill("SIGKILL")
    await house.gateway.ended
    const issues = [51, 52, 53]
    const missed = issues.map(number =>
      github.deliver(() => `${house.url}/integrations/github`, "issue_comment", asking(scene, number)),
    )
    expect((await Promise.all(missed)).map(({ status_code }) => status_code)).toEqual([0, 0, 0])
    // Both look at a start, and each of their looks takes long enough for the other to come.
    const isList = (_method: string, path: string) => path === "/app/hook/deliveries"
    const later = { status: 503, headers: { "retry-after": "0" } }
    github.set({ fits: isList, times: 2, answer: later })
    await Promise.all([house.restartGateway(), house.addGateway()])
    await Promise.all(github.state.deliveries.slice(0, 1).map(({ again }) => again()))
    for (const number of issues) await scene.untilTask(number, ({ status }) => status === "succeeded")
    for (const number of issues)
      await expect
        .poll(() => scene.commentsIn(number))
        .toEqual([expect.stringContaining("**Twolane**: succeeded")])
    const all = (await Promise.all(issues.map(number => scene.tasksOf(number)))).flat()
    expect(all.map(({ turns }) => turns.length)).toEqual([1, 1, 1])
    expect(github.state.pulls.map(({ head }) => head.ref).toSorted(byText)).toEqual(
      all.map(({ branch }) => branch).toSorted(byText),
    )
    // Of those that a gateway asked for each was asked for once, by whichever of the two.
    const asked = github.state.requests.filter(({ path }) =>
      /^\/app\/hook\/deliveries\/\d+\/attempts$/.test(path),
    )
    expect(new Set(asked.map(({ path }) => path)).size).toBe(asked.length)
    expect(asked.length).toBeGreaterThanOrEqual(2)
  },
)

const byText = (a: string, b: string) => (a < b ? -1 : 1)

const asking = ({ at: { github } }: GithubScene, number: number) =>
  saidComment(github.state, { issue: issueOf(number), body: "@twolane [mend] it", by: ada, at: Date.now() })

const delivery = (more: Partial<HookDelivery>): HookDelivery => ({
  id: 1,
  guid: "a",
  at: 1_000,
  ok: false,
  event: "issues",
  ...more,
})

test("only what nobody took is sent again: in the order in which it came, of each its newest try, three times at most", () => {
  const found = [
    delivery({ id: 6, guid: "d", at: 6_000, event: "push" }),
    delivery({ id: 5, guid: "a", at: 5_000 }),
    delivery({ id: 4, guid: "c", at: 4_000 }),
    delivery({ id: 3, guid: "b", at: 3_000, ok: true }),
    delivery({ id: 2, guid: "b", at: 2_000 }),
    delivery({ id: 1, guid: "a", at: 1_000 }),
  ]
  const once = missedOf(found, { gone: 2 })
  expect([once.send.map(({ id }) => id), once.left, once.tries]).toEqual([[5, 4], false, { a: 1, c: 1 }])
  expect(missedOf(found, { a: 3, c: 2 })).toMatchObject({ send: [{ id: 4 }], tries: { a: 3, c: 3 } })
  expect(missedOf(found, { a: 3, c: 3 })).toMatchObject({ send: [], tries: { a: 3, c: 3 } })
})

test("many are sent again a hundred at a time, and what is left comes with the next look", () => {
  const found = Array.from({ length: 150 }, (_, id) => delivery({ id, guid: `g${id}`, at: id })).toReversed()
  const first = missedOf(found, {})
  expect([first.send.length, first.send[0]?.id, first.left]).toEqual([100, 0, true])
  const answered = first.send.map(({ guid, id }) =>
    delivery({ id: id + 1_000, guid, at: id + 1_000, ok: true }),
  )
  const second = missedOf([...answered, ...found], first.tries)
  expect([second.send.length, second.send[0]?.id, second.left]).toEqual([50, 100, false])
})
