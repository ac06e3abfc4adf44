import { startFailure } from "@twolane/common"
import { runWorkerProcess } from "@twolane/turns"
import { startDeepWorker } from "./start.ts"

runWorkerProcess("deep", startDeepWorker).catch((error: unknown) => {
  const { text, exitCode } = startFailure(error)
  process.stderr.write(`${text}\n`)
  process.exit(exitCode)
})
