import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { allowedHost } from "../../src/jail/hosts.ts"
import { cacheFolder, type Preparation, prepare, prunePrepared } from "../../src/prepare/prepare.ts"
import { type KeptRoom, keptRoom, sh, soon } from "../keeper/room.ts"

let kept: KeptRoom
let root = ""
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "twolane-prepared-"))
  kept = await keptRoom()
})
afterAll(async () => {
  await kept[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

const wanted = (over: Partial<Preparation> & { files?: Record<string, string> }): Preparation => ({
  root,
  key: `k${Math.random().toString(16).slice(2)}`,
  command: "true",
  share: ["node_modules"],
  checkout: async into => {
    for (const [path, text] of Object.entries({ "package.json": "{}", ...over.files })) {
      mkdirSync(join(into, path, ".."), { recursive: true })
      writeFileSync(join(into, path), text)
    }
    return { git: null, [Symbol.asyncDispose]: async () => {} }
  },
  jail: { sandbox: kept.sandbox, etc: kept.room.etc, tools: kept.room.tools, limits: kept.room.limits },
  env: {},
  secrets: {},
  network: { allowed: [], upstream: null },
  timeoutMs: 20_000,
  ...over,
})

const leftovers = () => readdirSync(root).filter(name => name.includes("half"))

test("callers of one key share one setup, and tasks get its folders read-only with writable places", async () => {
  const plan = wanted({
    command:
      "mkdir -p node_modules packages/x/node_modules; echo dep > node_modules/dep; echo run >> /cache/runs; echo $PWD",
  })
  const all = await Promise.all([1, 2, 3].map(() => prepare(plan, soon())))
  expect(all.filter(each => each.ok && each.fresh)).toHaveLength(1)
  expect(await prepare(plan, soon())).toMatchObject({ ok: true, fresh: false })
  expect(readFileSync(join(cacheFolder(root), "runs"), "utf8")).toBe("run\n")
  const [first] = all
  expect(first?.ok && first.shares.map(share => share.path)).toEqual([
    "node_modules",
    "packages/x/node_modules",
  ])
  await using task = await keptRoom({
    files: { ".gitignore": "node_modules/\n" },
    room: { shares: first?.ok ? first.shares : [], cache: cacheFolder(root) },
  })
  const script = `cat node_modules/dep
echo x > node_modules/dep || echo read-only
touch node_modules/new || echo read-only
touch node_modules/.vite-temp/x packages/x/node_modules/.cache/y && echo writable
touch /cache/x || echo read-only
git status --short`
  const done = await sh(task.keeper, `( ${script} ) 2>/dev/null`)
  expect(done.output).toBe("dep\nread-only\nread-only\nwritable\nread-only\n")
  expect((await sh(task.keeper, "ls node_modules/.vite-temp")).output).toBe("x\n")
  expect(await task.keeper.changes(soon())).toEqual([])
  expect(leftovers()).toEqual([])
})

test("a setup that fails shows its output and is not kept", async () => {
  const plan = wanted({ command: "echo broken; exit 7" })
  for (let round = 0; round < 2; round += 1)
    expect(await prepare(plan, soon())).toMatchObject({
      ok: false,
      reason: "the setup ended with exit code 7",
      output: "broken\n",
    })
  expect(leftovers()).toEqual([])
})

test("a setup that hangs is ended", async () => {
  const plan = wanted({ command: "echo begun; sleep 100", timeoutMs: 2_500 })
  expect(await prepare(plan, soon())).toMatchObject({
    ok: false,
    reason: "the setup was ended: it ran longer than 2.5 s",
    output: expect.stringContaining("begun"),
  })
})

test("an abort ends the setup and leaves nothing half", async () => {
  const controller = new AbortController()
  const plan = wanted({ command: "echo begun; sleep 100", onOutput: () => controller.abort({ by: "user" }) })
  await expect(prepare(plan, controller.signal)).rejects.toEqual({ by: "user" })
  expect(leftovers()).toEqual([])
})

test("a secret reaches the setup and nothing else", async () => {
  const live: string[] = []
  const plan = wanted({
    command: 'echo "is $NPM_TOKEN."; printf "%s" "$NPM_TOKEN" | wc -c',
    secrets: { NPM_TOKEN: "s3cr3t-value" },
    onOutput: text => live.push(text),
  })
  const done = await prepare(plan, soon())
  expect(done).toMatchObject({ ok: true, output: "is [secret].\n12\n" })
  expect(live.join("")).toBe("is [secret].\n12\n")
})

test("npm ci installs through the proxy from an allowed registry, and from no other", async () => {
  const pack = join(root, "pack")
  mkdirSync(join(pack, "package"), { recursive: true })
  writeFileSync(join(pack, "package/package.json"), '{"name":"dep","version":"1.0.0"}')
  execFileSync("tar", ["czf", "dep.tgz", "package"], { cwd: pack })
  const asked: string[] = []
  const registry = createServer((incoming, answer) => {
    asked.push(incoming.url ?? "")
    answer.end(readFileSync(join(pack, "dep.tgz")))
  })
  await new Promise<void>(resolve => registry.listen(0, "127.0.0.1", resolve))
  const address = registry.address()
  const host = `registry.test:${address !== null && typeof address === "object" ? address.port : 0}`
  const dependency = { version: "1.0.0", resolved: `http://${host}/dep.tgz` }
  const manifest = { name: "app", version: "1.0.0", dependencies: { dep: "1.0.0" } }
  const plan = wanted({
    command: "npm ci --no-audit --no-fund",
    files: {
      "package.json": JSON.stringify(manifest),
      "package-lock.json": JSON.stringify({
        name: "app",
        version: "1.0.0",
        lockfileVersion: 3,
        packages: { "": manifest, "node_modules/dep": dependency },
      }),
    },
    network: { allowed: [allowedHost(host, true)], upstream: null, resolve: async () => ["127.0.0.1"] },
  })
  const done = await prepare(plan, soon())
  expect(done).toMatchObject({ ok: true, fresh: true })
  expect(asked).toEqual(["/dep.tgz"])
  const shared = done.ok ? (done.shares[0]?.from ?? "") : ""
  expect(readFileSync(join(shared, "dep/package.json"), "utf8")).toContain('"dep"')
  const other = await prepare(
    {
      ...plan,
      key: "other",
      command: "npm ci --no-audit --fetch-retries=0 --cache=/tmp/none",
      network: { allowed: [], upstream: null },
    },
    soon(),
  )
  expect(other).toMatchObject({ ok: false, output: expect.stringContaining(`may not reach: ${host}`) })
  registry.close()
})

test("prepared workspaces that nobody wants are removed", async () => {
  const plan = wanted({})
  await prepare(plan, soon())
  expect(await prunePrepared(root, 3_600_000)).toBe(0)
  expect(await prunePrepared(root, -1)).toBeGreaterThan(0)
  expect(await prepare(plan, soon())).toMatchObject({ ok: true, fresh: true })
})
