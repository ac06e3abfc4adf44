export { type Carry, type MemoryClient, makeMemoryClient } from "./client.ts"
export { type MemoryRedis, makeMemoryRedis } from "./memory-redis.ts"
export type { Answer } from "./values.ts"
