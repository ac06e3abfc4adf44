/** `npm run test:chaos -- --minutes N --seed S`: plays a seed's plan of tasks and faults on real processes, and says what broke its promise. */
import { mkdirSync, writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { runChaos } from "./chaos.ts"
import { type FaultName, faultNames, makePlan } from "./plan.ts"

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "2" },
    seed: { type: "string" },
    /** Only these faults, with commas between; `none` for a run without any. */
    faults: { type: "string" },
    /** Where to put the logs of tasks and processes. */
    keep: { type: "string" },
  },
})
// Each process of the fleet is killed as this one ends; a signal would end it without that.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130))
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
const chosen = values.faults
  ?.split(",")
  .filter((name): name is FaultName => faultNames.some(each => each === name))
const plan = makePlan(seed, Number(values.minutes), chosen === undefined ? {} : { faults: chosen })
console.log(
  `seed ${seed}: ${plan.errands.length} tasks and ${plan.faults.length} faults in ${values.minutes} minutes`,
)
const { wrong, counts, outputs, logs } = await runChaos(plan, console.log)
if (values.keep !== undefined) {
  mkdirSync(values.keep, { recursive: true })
  for (const [name, text] of Object.entries(outputs)) writeFileSync(`${values.keep}/${name}.log`, text)
  writeFileSync(`${values.keep}/tasks.json`, JSON.stringify(logs, null, 1))
}
for (const line of wrong) console.log(`  ${line}`)
console.log(`${JSON.stringify(counts)}; ${wrong.length} promises broken (seed ${seed})`)
process.exitCode = wrong.length === 0 ? 0 : 1
