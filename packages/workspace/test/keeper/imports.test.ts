import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const require = createRequire(import.meta.url)

const importsOf = (path: string): string[] =>
  [
    ...readFileSync(path, "utf8").matchAll(
      /^(?:import|export) (?!type)[^"']*?from "([^"]+)"|import\("([^"]+)"\)/gms,
    ),
  ].map(found => found[1] ?? found[2] ?? "")

test("the keeper loads only light modules of our own, so that it starts at once and stays small", () => {
  const main = fileURLToPath(new URL("../../src/keeper/main.ts", import.meta.url))
  const seen = new Set([main])
  const packages = new Set<string>()
  for (const path of seen)
    for (const name of importsOf(path)) {
      if (name.startsWith("node:")) continue
      if (name.startsWith(".")) seen.add(resolve(dirname(path), name))
      else {
        packages.add(name.split("/").slice(0, 3).join("/"))
        seen.add(require.resolve(name))
      }
    }
  expect([...packages].toSorted()).toEqual(["@twolane/common/json-lines", "@twolane/common/patch"])
  expect(seen.size).toBeLessThan(45)
})
