import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import {
  call,
  callsOf,
  follow,
  getTask,
  hasOpenssl,
  makeLibrary,
  playing,
  say,
  startHouse,
  startHttpsRemote,
  startModel,
  startReceiver,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { expect, test } from "vitest"
import { redisText } from "./redis-text.ts"

/** Told by a test and by a command; in parts, so that only what they say has it whole. */
const told = `ghp_${"c4N1".repeat(9)}`
/** Brought by a patch of the model's. */
const brought = `ghp_${"b7R2".repeat(9)}`

const files = {
  "twolane.yaml":
    'setup: test -n "$DEPLOY_TOKEN" && echo "with $DEPLOY_TOKEN" && mkdir -p node_modules\nsecrets: { setup: [DEPLOY_TOKEN] }\n',
  "package-lock.json": "{}\n",
  ".gitignore": "node_modules/\n",
  "test/tells.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { sum } from "../src/sum.js"
test("tells", () => assert.equal(sum(1, 1), 2, "ghp_" + "c4N1".repeat(9)))
`,
}
const probe = `env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline; cat .git/config ~/.git-credentials; node -e 'console.log("ghp_" + "c4N1".repeat(9))'`
const leak = `*** Begin Patch\n*** Add File: src/key.js\n+export const key = "${brought}"\n*** End Patch`

const scenes = playing({
  tells: seen => {
    if (callsOf(seen, "shell") === 0) return call(["shell", { command: probe }])
    const patches = callsOf(seen, "apply_patch")
    if (patches === 0) return call(["apply_patch", sumPatch("a - b", "a - b - 0")])
    if (patches === 1 && seen.some(said => said.kind === "assistant"))
      return call(["apply_patch", sumPatch("a - b - 0", "a + b")])
    return say("Done.")
  },
  brings: seen => (callsOf(seen, "apply_patch") === 0 ? call(["apply_patch", leak]) : say("Done.")),
})

test.runIf(hasOpenssl())(
  "one canary of each kind of secret, through a whole house: none is found where it does not belong (needs openssl)",
  async () => {
    const canaries = {
      model: "sk-canary-model-0123456789abcdef",
      credential: "canary-credential-0123456789",
      setup: "canary-setup-0123456789abcdef",
      house: Buffer.from("canary-of-the-house-32-bytes-xyz").toString("base64url"),
    }
    await using library = await makeLibrary(files)
    const bare = await library.cloneBare()
    const login = { user: "x-access-token", token: canaries.credential }
    await using source = await startHttpsRemote(dirname(bare), login)
    await using model = await startModel({ script: scenes, apiKey: canaries.model })
    await using receiver = await startReceiver()
    const env = {
      OPENAI_API_KEY: canaries.model,
      TWOLANE_SECRET_KEY: canaries.house,
      TWOLANE_WEBHOOK_HOSTS: receiver.host,
      GIT_SSL_CAINFO: source.ca,
    }
    await using house = await startHouse({ modelUrl: model.url, env })
    const asked = async (method: string, path: string, body?: unknown): Promise<Record<string, string>> => {
      const answer = await house.call(method, path, body)
      expect(answer.status, answer.text).toBeLessThan(300)
      return answer.body as Record<string, string>
    }
    await asked("PUT", "/v1/repos/sums/credential", { kind: "token", token: canaries.credential })
    await asked("POST", "/v1/repos", { name: "sums", source: `${source.origin}/bare.git` })
    await asked("PUT", "/v1/repos/sums/secrets/DEPLOY_TOKEN", { value: canaries.setup })
    const hook = await asked("POST", "/v1/webhooks", { url: receiver.url })
    const key = await asked("POST", "/v1/keys", { name: "robot", role: "member" })
    expect([hook.secret, key.secret]).toEqual([expect.any(String), expect.any(String)])

    const task = await submit(house, { repo: "sums", prompt: "[tells] mend it" })
    const events = await follow(house, task.id)
    const ended = await getTask(house, task.id)
    expect(ended.status, JSON.stringify(events.slice(-3))).toBe("succeeded")
    await asked("POST", `/v1/tasks/${task.id}/accept`, { how: "push" })
    await expect.poll(() => receiver.received.some(({ body }) => body.includes("branch.pushed"))).toBe(true)

    const other = await submit(house, { repo: "sums", prompt: "[brings] one along" })
    await follow(house, other.id)
    expect((await getTask(house, other.id)).turns[0]?.outcome).toMatchObject({ code: "guardrail-denied" })
    expect((await house.call("POST", `/v1/tasks/${other.id}/accept`, {})).body).toMatchObject({
      code: "guardrail-denied",
    })

    const kept = {
      ...canaries,
      hook: hook.secret ?? "",
      key: key.secret ?? "",
      first: house.apiKey,
      told,
    }
    const places: Record<string, string> = {
      logs: [house.gateway, ...house.workers].map(part => part.output()).join("\n"),
      redis: await redisText(house.redis.url),
      events: JSON.stringify(events),
      prompts: JSON.stringify(model.requests.map(({ body }) => body)),
      page: (await house.call("GET", "/")).text,
      lists: (
        await Promise.all(
          [
            "/v1/repos",
            "/v1/keys",
            "/v1/webhooks",
            "/v1/audit",
            `/v1/tasks/${task.id}`,
            `/v1/tasks/${task.id}/diff`,
          ].map(async path => (await house.call("GET", path)).text),
        )
      ).join("\n"),
      messages: receiver.received.map(({ body }) => body).join("\n"),
      folder: textsIn(house.dataDir),
    }
    const found = (secrets: Record<string, string>, among = Object.keys(places)) =>
      among.flatMap(place =>
        Object.entries(secrets)
          .filter(([, secret]) => places[place]?.includes(secret) ?? false)
          .map(([kind]) => `${kind} in ${place}`),
      )
    expect(found(kept)).toEqual([])
    expect(found({ brought }, ["logs", "page", "lists"])).toEqual([])
    // The search itself finds what is there.
    expect(found({ named: task.id }).length).toBeGreaterThan(3)
    expect(JSON.stringify(events)).toContain("[secret]")
    expect(source.seen).toContain(`x-access-token:${canaries.credential}`)
    expect(model.requests.length).toBeGreaterThan(3)
  },
)

/** All that the files below a folder hold, packed objects of git's aside. Where something is taken away meanwhile, it is read anew. */
const textsIn = (folder: string): string => {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => readFileSync(join(entry.parentPath, entry.name), "latin1"))
      .join("\n")
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error
    return textsIn(folder)
  }
}
