import { makeRepo, type RepoFiles, type TempRepo } from "../repo.ts"

/** A small library whose one function is wrong; plain JavaScript, so that its tests run in a jail without network. */
export const libraryFiles: RepoFiles = {
  "package.json": '{ "name": "sums", "type": "module", "scripts": { "test": "node --test" } }\n',
  "AGENTS.md": "Keep it small.\n",
  "src/sum.js": "export const sum = (a, b) => a - b\n",
  "src/other.js": "export const other = 1\n",
  "test/sum.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { sum } from "../src/sum.js"

test("adds", () => assert.equal(sum(2, 3), 5))
test("adds nothing", () => assert.equal(sum(2, 0), 2))
`,
}

/** The library as a repository, with more files or other ones. */
export const makeLibrary = (files: RepoFiles = {}): Promise<TempRepo> =>
  makeRepo({ files: { ...libraryFiles, ...files } })

/** A patch that replaces the one line of the library's `src/sum.js`. */
export const sumPatch = (from: string, to: string): string =>
  `*** Begin Patch\n*** Update File: src/sum.js\n@@\n-export const sum = (a, b) => ${from}\n+export const sum = (a, b) => ${to}\n*** End Patch`
