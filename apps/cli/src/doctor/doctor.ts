import { neverAborted, readConfig } from "@twolane/common"
import { exitCodes } from "../exit.ts"
import type { Output } from "../output.ts"
import { checkArchive } from "./archive.ts"
import { checkChat } from "./chat.ts"
import type { Finding } from "./finding.ts"
import { checkGithub } from "./github.ts"
import {
  checkBasics,
  checkDisk,
  checkGit,
  checkJail,
  checkKeys,
  checkRedisProgram,
  checkTools,
} from "./machine.ts"
import { checkGateway, checkModels, checkRedisSettings } from "./service.ts"

/** `twolane doctor`: looks at everything that Twolane needs here; fails when something is missing. */
export const doctor = async (output: Output): Promise<number> => {
  const config = readConfig()
  const signal = neverAborted()
  const keys = checkKeys(config)
  const findings = [
    ...checkBasics(config),
    keys,
    checkRedisProgram(config),
    ...(await checkRedisSettings(config)),
    await checkGit(),
    ...(await checkJail(config)),
    ...(await checkTools(config)),
    ...(await checkDisk(config)),
    await checkArchive(config),
    ...(await checkModels(config, signal)),
    ...(await checkChat(config, signal)),
    ...(await checkGithub(config, signal)),
    // Without keys there is no way in.
    ...(keys.verdict === "bad" ? [] : await checkGateway(config, signal)),
  ]
  output.value({ findings })
  for (const finding of findings) output.line(lineOf(finding, output))
  return findings.some(({ verdict }) => verdict === "bad") ? exitCodes.failed : exitCodes.succeeded
}

const lineOf = ({ check, verdict, detail }: Finding, { colors }: Output): string => {
  const mark = { ok: colors.green("ok  "), warn: colors.yellow("warn"), bad: colors.red("BAD ") }[verdict]
  return `${mark} ${check.padEnd(16)} ${detail}`
}
