/** `npm run test:chaos -- --minutes N --seed S`: plays a seed's plan of tasks and faults on real processes, and says what broke its promise. */
import { mkdirSync, writeFileSync } from "node:fs"
import { readOptions } from "../read-options.ts"
import { runChaos } from "./chaos.ts"
import { faultNames } from "./fault-plan.ts"
import { doings, makePlan } from "./plan.ts"

const values = readOptions("npm run test:chaos --", {
  minutes: { value: "N", says: "how long the faults go on", default: "2" },
  seed: { value: "S", says: "the plan's seed; a new one by default" },
  faults: { value: "kind,kind", says: `only these faults, or none: ${[...new Set(faultNames)].join(", ")}` },
  does: { value: "what,what", says: `only tasks of people who do this: ${[...new Set(doings)].join(", ")}` },
  keep: { value: "folder", says: "where to put the logs of tasks and processes" },
})
// Each process of the fleet is killed as this one ends; a signal would end it without that.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130))
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
const chosen = <Name extends string>(named: string | undefined, all: readonly Name[]) => {
  const words = named?.split(",")
  const strange = words?.find(word => word !== "none" && !(all as readonly string[]).includes(word))
  if (strange !== undefined) {
    console.error(`there is no "${strange}" (see --help)`)
    process.exit(2)
  }
  return words === undefined ? undefined : [...new Set(all)].filter(name => words.includes(name))
}
const [faults, does] = [chosen(values.faults, faultNames), chosen(values.does, doings)]
const plan = makePlan(seed, Number(values.minutes), { ...(faults && { faults }), ...(does && { does }) })
console.log(
  `seed ${seed}: ${plan.errands.length} tasks and ${plan.faults.length} faults in ${values.minutes} minutes`,
)
const { wrong, counts, outputs, logs } = await runChaos(plan, line => console.log(line))
if (values.keep !== undefined) {
  mkdirSync(values.keep, { recursive: true })
  for (const [name, text] of Object.entries(outputs)) writeFileSync(`${values.keep}/${name}.log`, text)
  writeFileSync(`${values.keep}/tasks.json`, JSON.stringify(logs, null, 1))
}
for (const line of wrong) console.log(`  ${line}`)
console.log(`${JSON.stringify(counts)}; ${wrong.length} promises broken (seed ${seed})`)
process.exitCode = wrong.length === 0 ? 0 : 1
