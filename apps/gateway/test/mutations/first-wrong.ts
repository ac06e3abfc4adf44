/** `first-wrong.ts <most seeds> <fault,fault …>`: runs seeds of the simulation with these faults alone until one is wrong, and prints what is. */
import { usualFaults } from "../simulation/faults.ts"
import { simulate } from "../simulation/simulate.ts"

const [most = "100", named = ""] = process.argv.slice(2)
const faults = usualFaults.filter(name => named.split(",").includes(name))
for (let seed = 1; seed <= Number(most); seed++) {
  const { wrong } = await simulate(seed, { faults })
  if (wrong.length === 0) continue
  console.log(`seed ${seed}:\n${wrong.join("\n")}`)
  process.exitCode = 1
  break
}
