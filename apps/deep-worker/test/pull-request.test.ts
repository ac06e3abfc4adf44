import type { Task, TaskEvent } from "@twolane/protocol"
import {
  addPatch,
  follow,
  type GithubHouse,
  getTask,
  hasOpenssl,
  logOf,
  makeLibrary,
  only,
  patching,
  playing,
  runGit,
  type Scene,
  startGithubHouse,
  startModel,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

const leak = `AKIA${"QWERTYUIOPASDFGH"}`

const scenes: Record<string, Scene> = {
  mend: patching(sumPatch("a - b", "a + b")),
  more: patching(addPatch("src/more.js", "export const more = 2")),
  leak: patching(addPatch("src/key.js", `export const key = "${leak}"`)),
}

const isCreate = (method: string, path: string) => method === "POST" && path.endsWith("/pulls")

describe.runIf(hasOpenssl())("pull requests (needs openssl)", () => {
  let stack: AsyncDisposableStack
  let at: GithubHouse

  beforeAll(async () => {
    stack = new AsyncDisposableStack()
    const library = stack.use(await makeLibrary())
    const model = stack.use(await startModel({ script: playing(scenes) }))
    at = stack.use(await startGithubHouse(library, { modelUrl: model.url }))
  })
  afterAll(() => stack.disposeAsync())

  const pullsOf = (task: string) => at.github.state.pulls.filter(({ head }) => head.ref === `twolane/${task}`)
  const atSource = (task: string) => runGit(at.bare, ["rev-parse", `refs/heads/twolane/${task}`])
  const createsOf = (task: string) =>
    at.github.state.requests.filter(
      ({ method, path, body }) =>
        isCreate(method, path) && (body as { head?: string }).head === `twolane/${task}`,
    ).length
  const opened = (events: readonly TaskEvent[]) => only(events, "pull_request.opened").map(({ url }) => url)
  const acceptAsPull = (id: string, headers?: Record<string, string>) =>
    at.house.call("POST", `/v1/tasks/${id}/accept`, { how: "pull_request" }, headers)

  test("a task that asked for it ends with its branch pushed and one pull request, whose text is the receipt", async () => {
    const { id } = await submit(at.house, { repo: "shop", prompt: "[mend] it", publish: "pull_request" })
    const events = await follow(at.house, id)
    const [pull, ...rest] = pullsOf(id)
    expect(rest).toEqual([])
    expect(opened(events)).toEqual([pull?.html_url])
    const task = await getTask(at.house, id)
    expect(task).toMatchObject({
      status: "succeeded",
      review: "open",
      pullRequest: { url: pull?.html_url, number: pull?.number },
    })
    expect(await atSource(id)).toBe(task.head)
    expect(pull).toMatchObject({ title: "[mend] it", base: { ref: "main" }, state: "open" })
    for (const said of [id, task.base, task.head, "[mend] it", "passed", "gpt-5.3-codex", "1 file, +1 -1"])
      expect(pull?.body).toContain(said)
    expect(pull?.body).toContain("**Guardrails**: none tripped")
    expect(pull?.body).toContain("opened without a review, as `admin` asked for")
    // Git was let in as the installation, which has no other credential.
    expect(at.remote.seen.at(-1)).toBe(`x-access-token:${at.github.state.token}`)
  })

  test("a next turn grows the branch and keeps its pull request", async () => {
    const { id } = await submit(at.house, { repo: "shop", prompt: "[mend] it", publish: "pull_request" })
    const before = await follow(at.house, id)
    const turn = await at.house.call("POST", `/v1/tasks/${id}/turns`, {
      prompt: "[more] of it",
      publish: "pull_request",
    })
    expect(turn, turn.text).toMatchObject({ status: 202 })
    const after = await follow(at.house, id, () => false, before.at(-1)?.id)
    expect(opened(after)).toEqual([])
    expect(pullsOf(id).map(({ body }) => body?.includes("[more] of it"))).toEqual([true])
    expect(await atSource(id)).toBe((await getTask(at.house, id)).head)
  })

  test("an accept as a pull request opens one, accepts the review, and is that again when it is repeated", async () => {
    const { id } = await submit(at.house, { repo: "shop", prompt: "[mend] it" })
    await follow(at.house, id)
    const key = { "idempotency-key": `accept ${id}`.replace(" ", "-") }
    const [first, second] = await Promise.all([acceptAsPull(id, key), acceptAsPull(id, key)])
    expect(first, first.text).toMatchObject({ status: 200, body: { review: "accepted" } })
    expect((second.body as Task).pullRequest).toEqual((first.body as Task).pullRequest)
    expect((await acceptAsPull(id)).status).toBe(200)
    const log = await logOf(at.house, id)
    expect(opened(log)).toEqual(pullsOf(id).map(({ html_url }) => html_url))
    expect(only(log, "task.reviewed")).toMatchObject([{ decision: "accepted", how: "pull_request" }])
    expect(pullsOf(id)[0]?.body).toContain("accepted by `admin`")
  })

  test("a limit, an outage and a lost answer delay it, and it is one pull request all the same", async () => {
    const { id } = await submit(at.house, { repo: "shop", prompt: "[mend] it" })
    await follow(at.house, id)
    at.github.set({ fits: isCreate, times: 1, answer: { status: 429, headers: { "retry-after": "1" } } })
    at.github.set({ fits: isCreate, times: 1, answer: { status: 503, headers: { "retry-after": "1" } } })
    at.github.set({ fits: isCreate, times: 1, answer: "lose" })
    const accepted = await acceptAsPull(id)
    expect(accepted, accepted.text).toMatchObject({ status: 200, body: { review: "accepted" } })
    expect([pullsOf(id).length, createsOf(id)]).toEqual([1, 3])
    expect(opened(await logOf(at.house, id)).length).toBe(1)
  })

  test("a turn waits for GitHub, and nothing of it is lost", async () => {
    at.github.set({ fits: isCreate, times: 2, answer: { status: 429, headers: { "retry-after": "1" } } })
    const { id } = await submit(at.house, { repo: "shop", prompt: "[mend] it", publish: "pull_request" })
    const events = await follow(at.house, id)
    expect(only(events, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
    expect([opened(events).length, pullsOf(id).length, createsOf(id)]).toEqual([1, 1, 3])
  })

  test("a worker that dies when it has asked for the pull request leaves one to the next", async () => {
    const asked = Promise.withResolvers<void>()
    at.github.set({
      fits: (method, path) => {
        if (isCreate(method, path)) asked.resolve()
        return isCreate(method, path)
      },
      times: 1,
      answer: "lose-quietly",
    })
    const { id } = await submit(at.house, { repo: "shop", prompt: "[mend] it", publish: "pull_request" })
    await asked.promise
    const [worker] = at.house.workers
    worker?.kill("SIGKILL")
    await worker?.ended
    expect(pullsOf(id).length).toBe(1)
    at.house.addWorker()
    const events = await follow(at.house, id)
    expect(only(events, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
    expect(only(events, "turn.started").length).toBe(2)
    expect([opened(events).length, pullsOf(id).length, createsOf(id)]).toEqual([1, 1, 1])
  })

  test("a secret in the change stops it before anything leaves", async () => {
    const { id } = await submit(at.house, { repo: "shop", prompt: "[leak] it", publish: "pull_request" })
    const events = await follow(at.house, id)
    expect(only(events, "guardrail.tripped").map(({ rule }) => rule)).toContain("secrets")
    expect(only(events, "branch.pushed")).toEqual([])
    expect((await acceptAsPull(id)).status).toBeGreaterThanOrEqual(400)
    expect(pullsOf(id)).toEqual([])
    expect(at.github.state.requests.some(({ body }) => JSON.stringify(body).includes(leak))).toBe(false)
  })

  test("nobody sees the installation's token or the App's key", async () => {
    const shown = [
      at.house.gateway.output(),
      ...at.house.workers.map(worker => worker.output()),
      (await at.house.call("GET", "/v1/repos")).text,
      (await at.house.call("GET", "/v1/audit?limit=200")).text,
    ].join("\n")
    expect(shown).not.toContain(at.github.state.token)
    expect(shown).not.toContain("PRIVATE KEY")
  })

  test("once the repo is unlinked it is refused at once, in words that say what to do", async () => {
    const { id } = await submit(at.house, { repo: "shop", prompt: "[mend] it" })
    await follow(at.house, id)
    at.remote.admit({ user: "x-access-token", token: "none" })
    expect((await at.house.call("DELETE", "/v1/repos/shop/github")).status).toBe(204)
    // At once: it is not tried again for a while first, as what may pass is.
    await expect
      .poll(() => acceptAsPull(id), { timeout: 5_000 })
      .toMatchObject({
        status: 422,
        body: {
          code: "not-configured",
          errors: [{ path: "how" }],
          detail: expect.stringContaining("twolane repos github shop"),
        },
      })
  })
})
