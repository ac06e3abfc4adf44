import type { Redis } from "ioredis"

/** What Redis did for some work: sentences on its own time and its most costly commands, per unit of work. */
export const profileRedis = async (
  client: Redis,
  units: number,
  work: () => Promise<unknown>,
): Promise<string> => {
  const before = await cpuOfRedis(client)
  await client.config("RESETSTAT")
  await work()
  const commands = parseStats(await client.info("commandstats"))
  const cpuUs = ((await cpuOfRedis(client)) - before) * 1e6
  const top = commands
    .toSorted((a, b) => b.usec - a.usec)
    .slice(0, 5)
    .map(({ name, calls, usec }) => `${name} ${(calls / units).toFixed(1)} × ${(usec / calls).toFixed(0)} µs`)
  return `Redis ${(cpuUs / units).toFixed(0)} µs CPU each (${top.join(", ")})`
}

/** How much CPU time Redis has used, in seconds. */
export const cpuOfRedis = async (client: Redis): Promise<number> => {
  const text = await client.info("cpu")
  const seconds = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(text)?.[1] ?? 0)
  return seconds("used_cpu_sys") + seconds("used_cpu_user")
}

const parseStats = (text: string): { name: string; calls: number; usec: number }[] =>
  [...text.matchAll(/^cmdstat_([\w|-]+):calls=(\d+),usec=(\d+)/gm)].map(([, name = "", calls, usec]) => ({
    name,
    calls: Number(calls),
    usec: Number(usec),
  }))

/** Bytes that Redis uses for its data now. */
export const usedBytes = async (client: Redis): Promise<number> =>
  Number(/^used_memory:(\d+)/m.exec(await client.info("memory"))?.[1] ?? 0)
