import { createHmac, randomUUID } from "node:crypto"
import { once } from "node:events"
import { type IncomingMessage, request } from "node:http"
import { hasOpenssl, saidComment } from "@twolane/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { ada, type GithubScene, issueOf, openScene } from "./github-scene.ts"

/** Announces a body and waits for the answer before it sends any: who is refused in the middle of sending may not hear why. */
const announce = async (url: string, headers: Record<string, string>, body: string): Promise<number> => {
  const asking = request(url, {
    method: "POST",
    headers: { ...headers, "content-length": Buffer.byteLength(body) },
  })
  asking.flushHeaders()
  const [answer] = (await once(asking, "response")) as [IncomingMessage]
  asking.destroy()
  return answer.statusCode ?? 0
}

const ended = ({ status }: { status: string }): boolean => status === "succeeded"

describe.runIf(hasOpenssl())("GitHub's deliveries and moods (needs openssl)", () => {
  let scene: GithubScene
  beforeAll(async () => {
    scene = await openScene()
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  const asked = (number: number, at = Date.now()) =>
    saidComment(scene.at.github.state, { issue: issueOf(number), body: "@twolane [mend] it", by: ada, at })

  const sign = (secret: string, body: string, algorithm = "sha256") =>
    `${algorithm}=${createHmac(algorithm, secret).update(body).digest("hex")}`

  test.each([
    ["no signature", () => undefined],
    ["sha1 alone", (secret: string, body: string) => sign(secret, body, "sha1")],
    ["another secret's", (_secret: string, body: string) => sign("another secret", body)],
    ["one of another body", (secret: string) => sign(secret, "{}")],
    ["one that is cut", (secret: string, body: string) => sign(secret, body).slice(0, -2)],
    ["one in capitals", (secret: string, body: string) => sign(secret, body).toUpperCase()],
    ["one and more", (secret: string, body: string) => `${sign(secret, body)},sha256=00`],
  ])("a delivery with %s is 401, and does nothing", async (_what, signed) => {
    const { github, house } = scene.at
    const { headers, body } = github.delivery("issue_comment", asked(20))
    const { "x-hub-signature-256": _good, ...others } = headers
    const signature = signed(github.webhookSecret, body)
    const answer = await fetch(`${house.url}/integrations/github`, {
      method: "POST",
      headers: { ...others, ...(signature === undefined ? {} : { "x-hub-signature-256": signature }) },
      body,
    })
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: "unauthorized" }])
    expect(await scene.tasksOf(20)).toEqual([])
  })

  test("a ping is acknowledged; no id, no JSON and a form are refused; more than 25 MB is 413", async () => {
    expect(await scene.send("ping", { zen: "Keep it logically awesome." })).toBe(202)
    expect(await scene.send("issue_comment", asked(20), { "x-github-delivery": "none" })).toBe(400)
    expect(await scene.send("issue_comment", asked(20), { "content-type": "text/plain" })).toBe(415)
    expect(await scene.send("issue_comment", { zen: "no repository" })).toBe(422)
    const large = { ...asked(20), filler: "x".repeat(25 * 1024 * 1024) }
    const { headers, body } = scene.at.github.delivery("issue_comment", large)
    expect(await announce(`${scene.at.house.url}/integrations/github`, headers, body)).toBe(413)
    expect(await scene.tasksOf(20)).toEqual([])
  })

  test("a delivery that comes again, under its id or another one, as it is or as another event, is one task", async () => {
    const payload = asked(21)
    const id = randomUUID()
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        scene.send("issue_comment", payload, { "x-github-delivery": index < 5 ? id : randomUUID() }),
      ),
    )
    expect(new Set(all)).toEqual(new Set([202]))
    expect(await scene.send("issues", payload)).toBe(202)
    await scene.untilTask(21, ended)
    // The same words in another body, as a replay would say them once the first is forgotten.
    expect(await scene.send("issue_comment", { ...payload, again: true })).toBe(202)
    // What was said before the last days is heard no more.
    expect(await scene.send("issue_comment", asked(21, Date.now() - 5 * 86_400_000))).toBe(202)
    await scene.send("issue_comment", asked(22))
    await scene.untilTask(22, ended)
    const tasks = await scene.tasksOf(21)
    expect(tasks.map(({ turns }) => turns.length)).toEqual([1])
  })

  test("what a task was asked comes again once a person has closed the task: it starts no other", async () => {
    await scene.send("issue_comment", asked(31))
    const { id } = await scene.untilTask(31, ended)
    const said = { issue: issueOf(31), body: "@twolane [more] of it", by: ada, at: Date.now() }
    const payload = saidComment(scene.at.github.state, said)
    await scene.send("issue_comment", payload)
    await scene.untilTask(31, task => task.turns.length === 2 && ended(task))
    expect((await scene.at.house.call("POST", `/v1/tasks/${id}/discard`, {})).status).toBe(200)
    // As after a crash behind the turn, or when what came is forgotten.
    expect(await scene.send("issue_comment", { ...payload, again: true })).toBe(202)
    await scene.send("issue_comment", asked(32))
    await scene.untilTask(32, ended)
    expect((await scene.tasksOf(31)).map(({ turns }) => turns.length)).toEqual([2])
  })

  test("limits, outages and lost answers delay the task and its comment, and lose or double neither", async () => {
    const { github } = scene.at
    const isPermission = (_method: string, path: string) => path.endsWith("/permission")
    const isComment = (method: string, path: string) => method === "POST" && path.endsWith("/23/comments")
    github.set({ fits: isPermission, times: 1, answer: { status: 429, headers: { "retry-after": "1" } } })
    github.set({ fits: isPermission, times: 1, answer: { status: 502, headers: { "retry-after": "1" } } })
    // Its second limit, and its first, which says when there is something left again.
    github.set({ fits: isPermission, times: 1, answer: { status: 403, headers: { "retry-after": "1" } } })
    const reset = String(Math.ceil(Date.now() / 1_000) + 1)
    const used = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }
    github.set({ fits: isPermission, times: 1, answer: { status: 403, headers: used } })
    github.set({ fits: isComment, times: 1, answer: "lose" })
    await scene.send("issue_comment", asked(23))
    await scene.untilTask(23, ended)
    await expect
      .poll(() => scene.commentsIn(23))
      .toMatchObject([expect.stringContaining("**Twolane**: succeeded")])
  })

  test("while GitHub takes no comments the task runs to its end, and is told afterwards", async () => {
    const { github } = scene.at
    const isTold = (_method: string, path: string) => path.endsWith("/24/comments")
    github.set({ fits: isTold, times: 4, answer: { status: 503, headers: { "retry-after": "2" } } })
    await scene.send("issue_comment", asked(24))
    await scene.untilTask(24, ended)
    await expect
      .poll(() => scene.commentsIn(24))
      .toMatchObject([expect.stringContaining("**Twolane**: succeeded")])
  })

  test("while GitHub does not answer for one issue, another one's task is not held up, and the first comes later", async () => {
    const { github } = scene.at
    const hung = Promise.withResolvers<void>()
    github.set({
      fits: (_method, path) => {
        const fits = path.endsWith("/permission")
        if (fits) hung.resolve()
        return fits
      },
      times: 1,
      answer: "hang",
    })
    await scene.send("issue_comment", asked(27))
    await hung.promise
    await scene.send("issue_comment", asked(28))
    await scene.untilTask(28, ended)
    await scene.untilTask(27, ended)
    const [slow, quick] = await Promise.all([27, 28].map(issue => scene.untilTask(issue, ended)))
    expect(slow?.createdAt).toBeGreaterThan(quick?.createdAt ?? 0)
    await expect.poll(() => [scene.commentsIn(27).length, scene.commentsIn(28).length]).toEqual([1, 1])
  })

  test("a gateway that is killed after it acknowledged leaves the delivery to the next one", async () => {
    const { github, house } = scene.at
    const reached = Promise.withResolvers<void>()
    github.set({
      fits: (_method, path) => {
        const fits = path.endsWith("/permission")
        if (fits) reached.resolve()
        return fits
      },
      times: 1,
      answer: "hang",
    })
    expect(await scene.send("issue_comment", asked(25))).toBe(202)
    expect(await scene.send("issue_comment", asked(26))).toBe(202)
    await reached.promise
    house.gateway.kill("SIGKILL")
    await house.gateway.ended
    await house.restartGateway()
    await scene.untilTask(25, ended)
    await scene.untilTask(26, ended)
    await expect.poll(() => [scene.commentsIn(25).length, scene.commentsIn(26).length]).toEqual([1, 1])
  })
})
