/** `node apps/gateway/test/simulation/run.ts [first seed] [how many]`: replays seeds, and prints what is wrong. */
import { simulate } from "./simulate.ts"

const [first = "1", count = "1"] = process.argv.slice(2)
const startedAt = performance.now()
const sums = { tasks: 0, turns: 0, attempts: 0, faults: 0, refused: 0, tookMs: 0 }
let bad = 0
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const { wrong, seed: _seed, ...sizes } = await simulate(seed)
  for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += sizes[name]
  if (wrong.length === 0) continue
  bad += 1
  console.log(`seed ${seed}:`)
  for (const line of wrong) console.log(`  ${line}`)
}
const { tookMs, ...counts } = sums
const hours = (tookMs / 3_600_000).toFixed(1)
console.log(
  `${count} seeds in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s, ${bad} of them wrong.`,
)
console.log(`${JSON.stringify(counts)} in ${hours} simulated hours.`)
process.exitCode = bad === 0 ? 0 : 1
