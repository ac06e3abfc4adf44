/** Runs the preflight in a process of its own, under whatever PATH the test gives it. */
import { preflight } from "../../src/preflight/preflight.ts"

const say = (line: string) => console.log(line)
const result = await preflight({ needed: ["bubblewrap"], allowed: process.argv[2] === "allowed", say })
console.log(`result: ${result}`)
