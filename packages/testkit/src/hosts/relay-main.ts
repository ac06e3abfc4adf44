/** A relay as a process of its own, in whichever network it is started: `relay-main.ts '{"from":…,"to":…}'`. It ends with its standard input. */
import { openRelay } from "./relay.ts"

await openRelay(JSON.parse(process.argv[2] ?? ""))
process.stdout.write("listens\n")
process.stdin.once("end", () => process.exit(0)).resume()
