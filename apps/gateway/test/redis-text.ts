import { Redis } from "ioredis"

/** All that a Redis holds, keys and values, as one text. */
export const redisText = async (url: string): Promise<string> => {
  const client = new Redis(url)
  try {
    const parts = (await client.keys("*")).map(async key => [key, await contentOf(client, key)])
    return JSON.stringify(await Promise.all(parts))
  } finally {
    client.disconnect()
  }
}

const contentOf = async (client: Redis, key: string): Promise<unknown> => {
  const type = await client.type(key)
  switch (type) {
    case "string":
      return client.get(key)
    case "hash":
      return client.hgetall(key)
    case "list":
      return client.lrange(key, "0", "-1")
    case "set":
      return client.smembers(key)
    case "zset":
      return client.zrange(key, "0", "-1")
    case "stream":
      return client.xrange(key, "-", "+")
    case "none":
      return null // it went since the keys were listed
    default:
      throw new Error(`${key} is a ${type}`)
  }
}

/** Puts something else where a team's audit log stands, so that nothing can be appended until it is mended. */
export const breakAudit = async ({
  redis,
}: {
  redis: { url: string }
}): Promise<AsyncDisposable & { mend: () => Promise<void> }> => {
  const client = new Redis(redis.url)
  const log = "tl:{team:default}:audit"
  await client.rename(log, `${log}-aside`)
  await client.set(log, "not a log")
  return {
    mend: async () => void (await client.rename(`${log}-aside`, log)),
    [Symbol.asyncDispose]: async () => client.disconnect(),
  }
}
