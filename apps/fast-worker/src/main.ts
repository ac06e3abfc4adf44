import { startFailure } from "@twolane/common"
import { runWorkerProcess } from "@twolane/turns"
import { startFastWorker } from "./start.ts"

runWorkerProcess("fast", startFastWorker).catch((error: unknown) => {
  const { text, exitCode } = startFailure(error)
  process.stderr.write(`${text}\n`)
  process.exit(exitCode)
})
