import { execFile } from "node:child_process"
import { readdir, readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"

const home = fileURLToPath(new URL("..", import.meta.url))

test("the types are those of the gateway's own document", async () => {
  const line = `node ../../apps/gateway/src/print-openapi.ts | node scripts/generate.ts --check`
  const { stdout, stderr } = await promisify(execFile)("sh", ["-ec", line], { cwd: home })
  expect([stdout, stderr]).toEqual(["", ""])
})

test("nothing of Node is imported: it runs in a browser", async () => {
  const files = (await readdir(`${home}/src`, { recursive: true })).filter(file => file.endsWith(".ts"))
  const texts = await Promise.all(files.map(file => readFile(`${home}/src/${file}`, "utf8")))
  expect(texts.join("\n")).not.toMatch(/from "node:|\bprocess\.|\bBuffer\b/)
})
