import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { GitFailure } from "../../src/git/git.ts"
import { openResident } from "../../src/git/resident.ts"
import { makeMirrored, signal } from "./mirrored.ts"
import { saved, saver } from "./saver.ts"

/** The processes of git that serve this mirror. */
const residentsOf = async (dir: string): Promise<number[]> => {
  const pids = (await readdir("/proc")).filter(name => /^\d+$/.test(name)).map(Number)
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")))
  return pids.filter((pid, index) => pid > 1 && lines[index]?.startsWith(`git\0--git-dir=${dir}\0`))
}

test("residents start again after they were killed, and leave nothing in the scratch folder", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const { file, save } = await saver(made)
  saved((await save(made.base, [await file("a.txt", "1\n")])).saved)
  const residents = await residentsOf(made.mirror.dir)
  expect(residents.length).toBeGreaterThanOrEqual(4)
  for (const pid of residents) process.kill(pid, "SIGKILL")
  const { whole } = saved((await save(made.base, [await file("a.txt", "2\n")])).saved)
  expect(whole).toEqual({ files: 1, added: 1, removed: 1 })
  expect(await readdir(join(made.mirror.dir, "twolane", "scratch"))).toEqual([])
})

test("a resident that dies of what it is asked fails as git does: another try may not meet that", async () => {
  const call = { command: "mktree", gitDir: "/nowhere.git", args: ["--batch"] } as const
  await using resident = openResident({ ...call, args: [...call.args] }, { repeat: true })
  await expect(resident.ask("\n", () => ({ need: 1 }), signal)).rejects.toThrow(GitFailure)
})

test("the residents of a process that is killed end by themselves", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const module = (name: string) => JSON.stringify(new URL(`../../src/git/${name}.ts`, import.meta.url).href)
  const dir = JSON.stringify(made.mirror.dir)
  const script = `const { openObjects } = await import(${module("objects")})
    const objects = openObjects(${dir}, ${dir} + "/twolane/scratch")
    await objects.info("HEAD", new AbortController().signal)
    console.log("ready")
    setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  await once(holder.stdout, "data")
  const residents = await residentsOf(made.mirror.dir)
  expect(residents.length).toBe(1)
  holder.kill("SIGKILL")
  await once(holder, "exit")
  await expect.poll(() => residentsOf(made.mirror.dir)).toEqual([])
})
