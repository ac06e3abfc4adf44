import { appendFile, readdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { PrivateRedis } from "@twolane/testkit"

/** A command that is longer than any tail, as Redis writes it, alone or as the first of a script's writes. */
const long = `*3\r\n$3\r\nSET\r\n$9\r\ntorn-tail\r\n$8192\r\n${"x".repeat(8_192)}\r\n`
const multi = "*1\r\n$5\r\nMULTI\r\n"

/**
 * Kills Redis in the middle of a write: its log ends with the first 1 to 4,096 bytes of a command that nobody was answered. What was
 * answered stands before it; a cut into that would break what Redis promised, and no service could keep its own promises on it.
 */
export const tearLog = async (redis: PrivateRedis, bytes: number, inScript: boolean): Promise<void> => {
  await redis.kill9()
  const folder = join(dirname(redis.socketPath ?? ""), "appendonlydir")
  const logs = (await readdir(folder)).filter(name => name.endsWith(".incr.aof"))
  const newest = logs.toSorted((a, b) => numberOf(a) - numberOf(b)).at(-1)
  if (newest === undefined) throw new Error(`there is no log in ${folder}`)
  await appendFile(join(folder, newest), `${inScript ? multi : ""}${long}`.slice(0, bytes))
}

const numberOf = (name: string): number => Number(/\.(\d+)\.incr/.exec(name)?.[1])
