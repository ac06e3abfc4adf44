import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { niceOf } from "../../src/jail/cpu-weight.ts"
import { keptRoom, sh } from "./room.ts"

const withoutCgroup = async () => {
  const { probeSandbox } = await import("../../src/jail/probe.ts")
  const sandbox = await probeSandbox("required")
  return sandbox.mode === "jail" ? { ...sandbox, cgroup: null } : sandbox
}

// Doubles eleven times and no more, so that a guard that fails does not take the machine along.
const bomb = 'b() { [ "$1" -gt 0 ] && { b $(($1 - 1)) & b $(($1 - 1)) & }; sleep 15; }; b 11'

test.each(["sampling", "cgroup"] as const)(
  "processes that multiply end only their command (%s)",
  async how => {
    await using kept = await keptRoom({
      limits: { processes: 200 },
      keeper: how === "sampling" ? { sandbox: await withoutCgroup() } : {},
    })
    const other = sh(kept.keeper, "sleep 1; echo fine")
    const done = await sh(kept.keeper, bomb)
    expect(done).toMatchObject({ ended: "killed", exitCode: null })
    expect(done.output).toContain("more than 200 processes")
    expect(done.durationMs).toBeLessThan(14_000)
    expect((await other).output).toBe("fine\n")
  },
)

test("ten gigabytes of memory end only their command", async () => {
  await using kept = await keptRoom({ limits: { memoryBytes: 512 * 1024 ** 2 } })
  const done = await sh(
    kept.keeper,
    "node -e 'const all = []; for (let n = 0; n < 100; n++) all.push(Buffer.alloc(100 * 1024 ** 2, 1))'",
  )
  expect(done).toMatchObject({ ended: "memory", exitCode: null })
  expect(done.output).toContain("more than 512 MiB of memory")
  expect((await sh(kept.keeper, "echo alive")).output).toBe("alive\n")
})

test("files in memory count, and have an end", async () => {
  await using kept = await keptRoom({ limits: { tmpBytes: 8 * 1024 ** 2, files: 1_000 } })
  const full = await sh(
    kept.keeper,
    "head -c 20000000 /dev/zero > /tmp/f; head -c 20000000 /dev/zero > /dev/shm/f; touch /dev/x",
  )
  expect(full.output).toMatch(/No space left[\s\S]*No space left[\s\S]*Read-only/)
  const many = await sh(kept.keeper, "cd /tmp; n=0; while :; do n=$((n+1)); : > f$n; done")
  expect(many).toMatchObject({ ended: "killed" })
  expect(many.output).toContain("more than 1000 temporary files")
})

test("too many files in the tree end only their command", async () => {
  await using kept = await keptRoom({ limits: { files: 400 } })
  const done = await sh(kept.keeper, "n=0; while :; do n=$((n+1)); : > f$n; done", 25_000)
  expect(done).toMatchObject({ ended: "killed" })
  expect(done.output).toContain("more than 400 files")
})

test("no file grows over the limit of the shell", async () => {
  await using kept = await keptRoom()
  const done = await sh(
    kept.keeper,
    "truncate -s 100G sparse; ls -s sparse 2>/dev/null | cut -d' ' -f1; ulimit -c",
  )
  expect(done.output).toMatch(/File size limit exceeded|File too large/)
})

test("a lower weight gives commands less of a busy CPU, by their niceness and, where it weighs, by the group", async () => {
  await using kept = await keptRoom({ limits: { cpuWeight: 20 } })
  const { sandbox } = kept
  const group = sandbox.mode === "jail" ? sandbox.cgroup : null
  const weights = group?.controllers.includes("cpu") === true ? weightsIn(group.folder) : ["20"]
  expect(weights).toContain("20")
  expect((await sh(kept.keeper, "nice")).output).toBe("17\n")
  await using ordinary = await keptRoom()
  expect((await sh(ordinary.keeper, "nice")).output).toBe("10\n")
})

const weightsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter(name => name.startsWith("twolane-"))
    .map(name => readFileSync(join(folder, name, "cpu.weight"), "utf8").trim())

test.each([
  [1_000, 10],
  [100, 10],
  [20, 17],
  [1, 19],
])("a weight of %i is a niceness of %i", (weight, nice) => expect(niceOf(weight)).toBe(nice))
