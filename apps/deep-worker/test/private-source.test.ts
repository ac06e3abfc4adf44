import { dirname } from "node:path"
import type { Task } from "@twolane/protocol"
import {
  call,
  callsOf,
  follow,
  getTask,
  type House,
  hasOpenssl,
  hasSshd,
  makeLibrary,
  playing,
  runGit,
  say,
  startHouse,
  startHttpsRemote,
  startModel,
  startSshRemote,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { expect, test } from "vitest"

const startMender = () =>
  startModel({
    script: playing({
      mend: seen =>
        callsOf(seen, "apply_patch") === 0 ? call(["apply_patch", sumPatch("a - b", "a + b")]) : say("Done."),
    }),
  })

const setCredential = async (house: House, credential: unknown): Promise<void> => {
  const answer = await house.call("PUT", "/v1/repos/secret/credential", credential)
  expect(answer, answer.text).toMatchObject({ status: 204 })
}

/** A deep task from submit to its branch at the source; answers the task and the commit that the source has then. */
const deliverOne = async (house: House, bare: string): Promise<{ task: Task; at: string }> => {
  const { id } = await submit(house, { repo: "secret", prompt: "[mend] it" })
  await follow(house, id)
  const accepted = await house.call("POST", `/v1/tasks/${id}/accept`, { how: "push" })
  expect(accepted, accepted.text).toMatchObject({ status: 200, body: { review: "accepted" } })
  return { task: await getTask(house, id), at: await runGit(bare, ["rev-parse", `refs/heads/twolane/${id}`]) }
}

test.runIf(hasOpenssl())(
  "a private https source: no token and a wrong one are repo-auth, the right one carries a task to its branch, a new one goes on (needs openssl)",
  async () => {
    const token = "first-canary-0123456789"
    const next = "second-canary-0123456789"
    await using library = await makeLibrary()
    const bare = await library.cloneBare()
    await using server = await startHttpsRemote(dirname(bare), { user: "x-access-token", token })
    await using model = await startMender()
    await using house = await startHouse({ modelUrl: model.url, env: { GIT_SSL_CAINFO: server.ca } })
    const register = () =>
      house.call("POST", "/v1/repos", { name: "secret", source: `${server.origin}/bare.git` })

    expect(await register()).toMatchObject({ status: 422, body: { code: "repo-auth" } })
    await setCredential(house, { kind: "token", token: "wrong" })
    expect(await register()).toMatchObject({
      status: 422,
      body: { code: "repo-auth", detail: expect.stringContaining("refuses the credential") },
    })
    await setCredential(house, { kind: "token", token })
    expect(await register()).toMatchObject({ status: 201, body: { credential: "token" } })
    const first = await deliverOne(house, bare)
    expect(first.at).toBe(first.task.head)

    server.admit({ user: "somebody", token: next })
    await setCredential(house, { kind: "token", user: "somebody", token: next })
    const second = await deliverOne(house, bare)
    expect(second.at).toBe(second.task.head)

    const shown = [
      house.gateway.output(),
      ...house.workers.map(worker => worker.output()),
      (await house.call("GET", "/v1/repos")).text,
      (await house.call("GET", `/v1/tasks/${second.task.id}/events`)).text,
    ].join("\n")
    expect(shown).not.toContain(token)
    expect(shown).not.toContain(next)
    expect(server.seen).toContain(`somebody:${next}`)
  },
)

test.runIf(hasSshd())(
  "a private ssh source: a stranger's key is repo-auth, an unknown host is refused, the right key carries a task to its branch (needs sshd)",
  async () => {
    await using library = await makeLibrary()
    const bare = await library.cloneBare()
    await using server = await startSshRemote()
    await using model = await startMender()
    await using house = await startHouse({ modelUrl: model.url, env: { SSH_AUTH_SOCK: "/nowhere" } })
    const register = () =>
      house.call("POST", "/v1/repos", { name: "secret", source: `${server.origin}${bare}` })
    const { key, strangersKey, knownHosts } = server

    await setCredential(house, { kind: "ssh", privateKey: strangersKey, knownHosts })
    expect(await register()).toMatchObject({ status: 422, body: { code: "repo-auth" } })
    const other = knownHosts.replace(/:\d+ /, ":1 ")
    await setCredential(house, { kind: "ssh", privateKey: key, knownHosts: other })
    expect(await register()).toMatchObject({ status: 422, body: { code: "repo-unreachable" } })
    await setCredential(house, { kind: "ssh", privateKey: key, knownHosts })
    expect(await register()).toMatchObject({ status: 201, body: { credential: "ssh" } })
    const { task, at } = await deliverOne(house, bare)
    expect(at).toBe(task.head)
    expect(task).toMatchObject({ status: "succeeded", tests: { status: "passed" }, review: "accepted" })
  },
)
