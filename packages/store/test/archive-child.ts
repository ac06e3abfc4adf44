import { openFiles } from "../src/archive/files.ts"
import type { Shelf } from "../src/archive/shelf.ts"
import { openStore } from "../src/index.ts"
import { always } from "./archive-for-test.ts"
import { queued } from "./open-for-test.ts"

/** A process that the test kills: it archives all that is finished, or writes a next turn, and says each step that it is about to take. */
const [what = "", url = "", secretKey = "", folder = "", team = "", task = ""] = process.argv.slice(2)

const say = (word: string) => void process.stdout.write(`${word}\n`)
const files = openFiles(folder)
const telling: Shelf = {
  ...files,
  put: async (name, bytes) => {
    say(`put ${name}`)
    await files.put(name, bytes)
    say(`is there ${name}`)
  },
  get: async (name, firstBytes) => {
    say(`get ${name}`)
    return await files.get(name, firstBytes)
  },
  remove: async name => {
    say(`remove ${name}`)
    await files.remove(name)
  },
}
await using store = await openStore({
  url,
  secretKey,
  archive: telling,
  onError: error => say(String(error)),
})
say("begins")
if (what === "sweep") await store.archive.sweep({ keepMs: 0, dropMs: null }, always)
else await store.change({ team, task, decide: () => [queued("turn_of_the_child")] })
say("ended")
