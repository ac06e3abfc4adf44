import { sleep } from "@twolane/common"
import { oneLine } from "@twolane/common/clean"
import { ago } from "@twolane/common/words"
import { byteWords, type DiskItem, type DiskView } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"

/** How often the machines' reports are looked at while one waits for them. */
const lookEveryMs = 500

/** `twolane disk`: what each repo takes on each machine. */
export const diskCommand = async ({ client, output, signal }: Context): Promise<number> => {
  const view = await client.disk({ signal })
  output.value(view)
  const now = Date.now()
  for (const line of diskLines(view, now)) output.line(line)
  return exitCodes.succeeded
}

/** A line for each machine, and below it one for each repo. */
export const diskLines = ({ hosts, items }: DiskView, now: number): string[] => {
  if (hosts.length === 0) return ["No machine has told yet; each does within a minute of its start."]
  const machines = hosts.filter(({ host }, at) => hosts.findIndex(other => other.host === host) === at)
  return machines.flatMap(({ host, at, freeBytes, totalBytes }) => {
    const free = `${byteWords(freeBytes)} free of ${byteWords(totalBytes)}`
    const here = items.filter(item => item.host === host)
    const nothing = here.length === 0 ? ["  no repos of the team when it was measured"] : []
    return [
      `${oneLine(host)}: ${free}, ${ago(at, now)}`,
      ...nothing,
      ...here.map(item => `  ${itemWords(item, now)}`),
    ]
  })
}

const itemWords = (item: DiskItem, now: number): string => {
  const parts: [string, number][] = [
    ["mirror", item.mirrorBytes],
    ["prepared", item.preparedBytes],
    ["downloads", item.cacheBytes],
    ["workspaces", item.workspaceBytes],
  ]
  const whole = byteWords(parts.reduce((sum, [, bytes]) => sum + bytes, 0))
  const each = parts
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]) => `${name} ${byteWords(bytes)}`)
    .join(", ")
  return `${item.repo}  ${whole}${each === "" ? "" : ` (${each})`}${tidiedWords(item, now)}`
}

const tidiedWords = ({ reclaimedAt, kept }: DiskItem, now: number): string => {
  if (reclaimedAt === undefined) return ""
  return `, tidied ${ago(reclaimedAt, now)}${kept === undefined ? "" : `; what setups made was kept: ${oneLine(kept)}`}`
}

/** `twolane disk reclaim`: tidies a repo on every machine; with `wait`, until each has done it. */
export const reclaimCommand = async (
  { client, output, signal }: Context,
  { repo, wait }: { repo: string; wait: boolean },
): Promise<number> => {
  const asked = await client.reclaimDisk(repo, { signal })
  if (!wait) {
    output.value(asked)
    output.line(`Every machine tidies ${repo} now; twolane disk says when it was done.`)
    return exitCodes.succeeded
  }
  for (;;) {
    const items = (await client.disk({ signal })).items.filter(item => item.repo === repo)
    const isDone = items.every(({ reclaimedAt }) => (reclaimedAt ?? 0) >= asked.requestedAt)
    if (items.length > 0 && isDone) {
      output.value({ ...asked, items })
      for (const item of items) output.line(`${oneLine(item.host)}: ${itemWords(item, Date.now())}`)
      return exitCodes.succeeded
    }
    await sleep(lookEveryMs, signal)
  }
}
