import { join } from "node:path"
import { places } from "../jail/room.ts"

const inCache = (name: string): string => join(places.cache, name)

/** Where package managers keep what they download, in a setup: it alone may write there. */
export const setupCacheEnv: Record<string, string> = {
  npm_config_cache: inCache("npm"),
  npm_config_update_notifier: "false",
  // pnpm's store lies below it.
  XDG_DATA_HOME: inCache("share"),
  YARN_CACHE_FOLDER: inCache("yarn"),
  YARN_ENABLE_GLOBAL_CACHE: "false",
  PIP_CACHE_DIR: inCache("pip"),
  UV_CACHE_DIR: inCache("uv"),
  UV_LINK_MODE: "copy",
  POETRY_CACHE_DIR: inCache("poetry"),
  GOMODCACHE: inCache("go"),
  CARGO_HOME: inCache("cargo"),
}

/** For commands: go and cargo build from the downloads themselves, read-only and without a network. */
export const runCacheEnv: Record<string, string> = {
  GOMODCACHE: inCache("go"),
  GOPROXY: "off",
  CARGO_HOME: inCache("cargo"),
  CARGO_NET_OFFLINE: "true",
}
