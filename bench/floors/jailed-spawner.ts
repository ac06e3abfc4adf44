/** A small process that runs jailed commands one after another and tells how long each took. */
import { childSide } from "../child.ts"
import { timed } from "../measure.ts"
import { type JailedSpawn, runJailed } from "./jailed-spawn.ts"

/** What it says for each message. */
export type SpawnerSays = { ready: true } | { tookMs: number }

const { input, say } = childSide<JailedSpawn>()
process.on("message", () => {
  void timed(async () => {
    const code = await runJailed(input)
    if (code !== 0) throw new Error(`the bare jailed spawn ended with ${code}`)
  }).then(tookMs => say({ tookMs }))
})
say({ ready: true })
