import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { expect, test } from "vitest"
import { createLogger, strikeOut } from "../src/log.ts"

const written = (log: (logger: ReturnType<typeof createLogger>) => void): string => {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  log(createLogger({ part: "gateway", level: "info", secrets: ["canary-0123", "x"], destination }))
  return lines.join("")
}

test("a line has the part, the message and the fields", () => {
  expect(JSON.parse(written(log => log.info({ task: "t" }, "the task was queued")))).toMatchObject({
    level: 30,
    part: "gateway",
    task: "t",
    msg: "the task was queued",
  })
})

test("secrets are struck out by name, by value, and in URLs", () => {
  const line = written(log =>
    log.error(
      {
        credential: "c1",
        request: { headers: { authorization: "Bearer c2", "set-cookie": "c3" } },
        repo: { token: "c4" },
        url: "https://ada:c5@host/x",
        err: new Error("it said canary-0123"),
      },
      "failed",
    ),
  )
  expect(line).not.toMatch(/c1|c2|c3|c4|c5|canary-0123/)
  expect(line).toContain("https://ada:[secret]@host/x")
})

test("very short values are no secrets: they would strike out ordinary words", () => {
  expect(written(log => log.info("next"))).toContain("next")
  expect(strikeOut("redis://:pw@h:1 and redis://h:1", [])).toBe("redis://:[secret]@h:1 and redis://h:1")
})

test("a process whose log nobody reads any more still ends", async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, "run-log-and-exit.ts")], {
    stdio: ["pipe", "pipe", "ignore"],
  })
  await once(child.stdout, "data")
  child.stdout.destroy()
  await once(child.stdout, "close")
  child.stdin.end("exit\n")
  expect(await once(child, "exit")).toEqual([expect.any(Number), null])
})
