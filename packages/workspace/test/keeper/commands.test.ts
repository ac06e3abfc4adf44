import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { keptRoom, sh, soon } from "./room.ts"

test("a command runs in its tree with its output, exit code and place", async () => {
  await using kept = await keptRoom()
  const done = await sh(kept.keeper, "pwd; cat a.txt; echo err >/dev/stderr; id -u; exit 3")
  expect(done).toMatchObject({
    ended: "exited",
    exitCode: 3,
    output: "/workspace\none\nerr\n1000\n",
    truncated: false,
  })
})

test("a command gets its folder, environment and standard input", async () => {
  await using kept = await keptRoom({ files: { "sub/dir/f": "x\n" }, room: { env: { CI: "1" } } })
  const done = await kept.keeper.run(
    {
      command: 'pwd; echo "$CI $MORE"; cat /dev/stdin',
      timeoutMs: 9_000,
      workdir: "sub/dir",
      env: { MORE: "2" },
      stdin: "in\n",
    },
    soon(),
  )
  expect(done.output).toBe("/workspace/sub/dir\n1 2\nin\n")
})

test("a folder that is not there refuses the command with the jail's words", async () => {
  await using kept = await keptRoom()
  const done = await kept.keeper.run({ command: "true", timeoutMs: 9_000, workdir: "nowhere" }, soon())
  expect(done).toMatchObject({ ended: "refused", exitCode: null })
  expect(done.output).toContain("nowhere")
})

test("the output comes live, whole characters only, and bytes that are no text are replaced", async () => {
  await using kept = await keptRoom()
  const pieces: string[] = []
  const done = await kept.keeper.run(
    {
      command: "printf '\\xe2\\x82'; sleep 0.05; printf '\\xac'; sleep 0.05; printf '\\xff\\xfe!'",
      timeoutMs: 9_000,
      onOutput: text => pieces.push(text),
    },
    soon(),
  )
  expect(done.output).toBe("€\uFFFD\uFFFD!")
  expect(pieces.join("")).toBe(done.output)
  expect(pieces[0]).toBe("€")
})

test("a hundred megabytes of output are kept as their start and end, and the keeper does not grow", async () => {
  await using kept = await keptRoom({ limits: { outputBytes: 64 * 1024 } })
  let live = 0
  const done = await kept.keeper.run(
    {
      command: "echo first; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo last",
      timeoutMs: 20_000,
      onOutput: text => {
        live += text.length
      },
    },
    soon(30_000),
  )
  expect(done).toMatchObject({ ended: "exited", exitCode: 0, truncated: true })
  expect(done.output.length).toBeLessThan(66 * 1024)
  expect(done.output.startsWith("first\nxxx")).toBe(true)
  expect(done.output.endsWith("\nlast\n")).toBe(true)
  expect(done.output).toMatch(/\[… 999\d+ bytes left out …\]/)
  expect(live).toBeLessThanOrEqual(64 * 1024)
  expect(rssMiB(kept.keeper.pid)).toBeLessThan(200)
})

test("a command that runs too long is asked to end, then killed", async () => {
  await using kept = await keptRoom()
  const polite = await sh(kept.keeper, "trap 'echo bye; exit 0' TERM; echo up; sleep 60 & wait", 1_000)
  expect(polite).toMatchObject({ ended: "timed_out", exitCode: null })
  expect(polite.output).toBe("up\nbye\n[ended: it ran longer than 1 s]\n")
  const deaf = await sh(kept.keeper, "trap '' TERM; echo up; while :; do sleep 1; done", 1_000)
  expect(deaf).toMatchObject({ ended: "timed_out" })
  expect(deaf.durationMs).toBeLessThan(10_000)
})

test("commands run side by side, each with its own output", async () => {
  await using kept = await keptRoom()
  const all = await Promise.all(Array.from({ length: 10 }, (_, n) => sh(kept.keeper, `echo ${n}; sleep 0.1`)))
  expect(all.map(done => done.output)).toEqual(Array.from({ length: 10 }, (_, n) => `${n}\n`))
})

test("git works in the jail and changes nothing outside", async () => {
  await using kept = await keptRoom()
  const done = await sh(
    kept.keeper,
    "git status --short; echo two >> a.txt; git add a.txt; git commit -qm mine; git log --format=%s; git branch --show-current",
  )
  expect(done).toMatchObject({ exitCode: 0, output: "mine\nbase\ntwolane/t\n" })
  expect(await kept.keeper.changes(soon())).toEqual([
    { path: "a.txt", kind: "file", executable: false, bytes: 8 },
  ])
})

const rssMiB = (pid: number): number => {
  const text = readFileSync(`/proc/${pid}/status`, "utf8")
  return Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1]) / 1024
}
