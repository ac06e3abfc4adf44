export { type PrivateRedis, type RedisOptions, startRedis } from "./redis.ts"
export { makeRepo, type RepoFiles, runGit, type TempRepo, writeFiles } from "./repo.ts"
export { makeTempFolder, type TempFolder } from "./temp.ts"
