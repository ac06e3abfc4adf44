import { startKeeper } from "../../packages/workspace/src/keeper/client.ts"
import { startChild } from "../child.ts"
import { type JailedSpawn, runJailed } from "../floors/jailed-spawn.ts"
import type { SpawnerSays } from "../floors/jailed-spawner.ts"
import { fiveRounds, inTurns, median, repeated, timed } from "../measure.ts"
import { makeRoom } from "../ours/room.ts"
import { compare, type MeasureRow } from "../row.ts"

const samplesPerRound = 15
const ballastBytes = 1.2 * 1024 ** 3
const command = "true"

/** A command through the keeper, against a bare jailed spawn by a small process: with a small worker and one of 1.2 GB. */
export const run: MeasureRow = async ({ signal }) => {
  await using made = await makeRoom(signal)
  const { room, sandbox } = made
  await using keeper = await startKeeper({ room, sandbox }, signal)
  const input: JailedSpawn = { bwrap: sandbox.bwrap, room, command }
  await using spawner = startChild<SpawnerSays>("floors/jailed-spawner.ts", input)
  await spawner.next(signal)

  const floor = repeated(samplesPerRound, async () => {
    spawner.send({})
    const said = await spawner.next(signal)
    return "tookMs" in said ? said.tookMs : Number.NaN
  })
  const ours = repeated(samplesPerRound, () =>
    timed(async () => {
      const outcome = await keeper.run({ command, timeoutMs: 20_000 }, signal)
      if (outcome.ended !== "exited" || outcome.exitCode !== 0) throw new Error(JSON.stringify(outcome))
    }),
  )
  const small = await inTurns({ floor, ours }, fiveRounds(signal))
  const ballast = Buffer.alloc(ballastBytes, 1)
  const direct = repeated(samplesPerRound, () => timed(() => runJailed(input)))
  const large = await inTurns({ floor, ours, direct }, fiveRounds(signal))
  const directMs = median(large.direct)
  return {
    lines: [
      compare(
        "a small worker",
        "ms",
        { floor: median(small.floor), ours: median(small.ours) },
        { atMost: 1.3 },
      ),
      compare(
        "a worker of 1.2 GB",
        "ms",
        { floor: median(large.floor), ours: median(large.ours) },
        { atMost: 1.3 },
      ),
    ],
    profile: [
      `a spawn by the process that holds ${(ballast.length / 1024 ** 3).toFixed(1)} GB takes ${directMs.toFixed(0)} ms`,
    ],
  }
}
