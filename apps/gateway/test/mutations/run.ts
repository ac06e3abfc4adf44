/** `npm run test:mutations [-- --only "name's part"]`: takes guards out in a copy of the repository, and expects the suites to notice. */
import { execFileSync, spawn } from "node:child_process"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { stripVTControlCharacters } from "node:util"
import { makeTempFolder } from "@twolane/testkit"
import { readOptions } from "../read-options.ts"
import { type Mutation, mutations } from "./mutations.ts"

const names = mutations.map(({ name }) => `      ${name}`).join("\n")
const root = join(import.meta.dirname, "../../../..")

/** Whether a mutation was noticed, and in which words. */
const tryOut = async ({ edits, run, says }: Mutation): Promise<string | null> => {
  await using folder = await makeTempFolder("twl-mutant-")
  const copy = join(folder.path, "repo")
  // Hard links: a file that is changed is written anew.
  execFileSync("cp", ["--archive", "--link", root, copy])
  for (const { file, from, to } of edits) {
    const path = join(copy, file)
    const before = readFileSync(path, "utf8")
    if (!before.includes(from)) throw new Error(`${file} does not say ${from}`)
    rmSync(path)
    writeFileSync(
      path,
      before.replace(from, () => to),
    )
  }
  const child = spawn(process.execPath, run, { cwd: copy, stdio: ["ignore", "pipe", "pipe"] })
  const said = (await Promise.all([text(child.stdout), text(child.stderr)])).map(stripVTControlCharacters)
  return (
    said
      .join("\n")
      .split("\n")
      .find(line => says.test(line)) ?? null
  )
}

const { only = "" } = readOptions("npm run test:mutations --", {
  only: { value: "text", says: `only those with this in their name:\n${names}` },
})
let missed = 0
for (const mutation of mutations.filter(({ name }) => name.includes(only))) {
  const startedAt = performance.now()
  const noticed = await tryOut(mutation)
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  console.log(`${noticed === null ? "MISSED" : "caught"} in ${seconds} s: ${mutation.name}`)
  if (noticed === null) missed += 1
  else console.log(`  ${noticed.trim().slice(0, 200)}`)
}
process.exitCode = missed === 0 ? 0 : 1
