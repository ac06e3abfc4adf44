import { freePort, makeRepo, makeTempFolder, type Part, startPart, startRedis } from "@twolane/testkit"
import { type Client, createClient } from "../src/index.ts"

/** A gateway as a process of its own, over a private Redis, with one repo, `shop`. */
export type TestGateway = AsyncDisposable & {
  readonly url: string
  readonly apiKey: string
  readonly client: Client
  /** Kills it without warning and starts it again at the same address. */
  restart(): Promise<void>
}

const apiKey = "tl_test_0123456789abcdef"

export const startGateway = async (): Promise<TestGateway> => {
  const folder = await makeTempFolder("twl-client-")
  const redis = await startRedis()
  const source = await makeRepo({ files: { "sum.js": "export const sum = (a, b) => a - b\n" } })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const client = createClient({ baseUrl: url, apiKey, origin: "cli" })
  const start = async (): Promise<Part> => {
    const part = startPart("gateway", {
      HOME: folder.path,
      TWOLANE_DATA_DIR: folder.path,
      TWOLANE_PORT: String(port),
      TWOLANE_API_KEY: apiKey,
      TWOLANE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64url"),
      REDIS_URL: redis.url,
    })
    let over = false
    void part.ended.then(() => {
      over = true
    })
    while (!part.output().includes("gateway listens")) {
      if (over) throw new Error(part.output())
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    return part
  }
  let part = await start()
  await client.registerRepo({ name: "shop", source: source.path })
  return {
    url,
    apiKey,
    client,
    restart: async () => {
      await part[Symbol.asyncDispose]()
      part = await start()
    },
    [Symbol.asyncDispose]: async () => {
      await part[Symbol.asyncDispose]()
      await redis.stop()
      await source[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
