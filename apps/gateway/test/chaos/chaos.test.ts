import { hasOpenssl } from "@twolane/testkit"
import { expect, test } from "vitest"
import { runChaos } from "./chaos.ts"
import { makePlan } from "./plan.ts"

const minutes = 1
const timeoutMs = 8 * 60_000

// Fresh seeds are for `npm run test:chaos`: a fault that nobody has met yet must not stop somebody else's change.
test.runIf(hasOpenssl()).each([{ seed: 1 }, { seed: 2 }])(
  "a minute of killed, frozen, cut-off and lied-to processes loses no task and does nothing twice (seed $seed, needs openssl)",
  async ({ seed }) => {
    console.log(`npm run test:chaos -- --minutes ${minutes} --seed ${seed}`)
    const { wrong, faults, counts } = await runChaos(makePlan(seed, minutes))
    expect(wrong, `seed ${seed}, after these faults:\n${faults.join("\n")}`).toEqual([])
    // A run in which nothing happens proves nothing.
    expect(counts.tasks).toBeGreaterThan(30)
    expect(counts.faults).toBeGreaterThan(10)
    expect(counts.pushes).toBeGreaterThan(3)
    console.log(JSON.stringify(counts))
  },
  timeoutMs,
)

test("a seed has one plan", () => {
  expect(makePlan(7, 1)).toEqual(makePlan(7, 1))
  expect(makePlan(7, 1)).not.toEqual(makePlan(8, 1))
})
