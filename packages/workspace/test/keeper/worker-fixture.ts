/** A worker that holds one keeper with one endless command, for tests that stop or kill it. */
import { keptRoom, soon } from "./room.ts"

const mark = process.argv[2] ?? "tl-worker"
const kept = await keptRoom({ keeper: { beatTimeoutMs: 1_500 } })
await kept.keeper.run(
  {
    command: `bash -c "exec -a ${mark} sleep 1000" & echo up; wait`,
    timeoutMs: 60_000,
    onOutput: text => process.stdout.write(text),
  },
  soon(),
)
