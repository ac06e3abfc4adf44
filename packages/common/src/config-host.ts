/** What this machine says of itself through the environment; settings are in `config.ts`. */
import { homedir } from "node:os"
import type { Environment } from "./config.ts"

/** The parts of the host's environment that Twolane uses; nothing else of it reaches a child process. */
export type HostEnvironment = {
  path: string
  home: string
  /** The operator's ssh agent, which serves git where no credential is set. */
  sshAgent: string | null
  /** How the operator's network is left: proxies and certificates for git, by their usual names. */
  network: Record<string, string>
  /** Where sockets may lie (`$XDG_RUNTIME_DIR`). */
  runtimeDir: string | null
  terminal: string | null
  noColor: boolean
  /** Started by `npm start` or `npm run`. */
  underNpm: boolean
}

const networkNames = [
  "HTTPS_PROXY",
  "https_proxy",
  "ALL_PROXY",
  "all_proxy",
  "NO_PROXY",
  "no_proxy",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
] as const

/** Reads the host's environment. */
export const readHost = (env: Environment = process.env): HostEnvironment => ({
  path: env.PATH || "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  home: env.HOME || homedir(),
  sshAgent: env.SSH_AUTH_SOCK || null,
  network: Object.fromEntries(networkNames.flatMap(name => (env[name] ? [[name, env[name]]] : []))),
  runtimeDir: env.XDG_RUNTIME_DIR || null,
  terminal: env.TERM || null,
  noColor: Boolean(env.NO_COLOR),
  underNpm: Boolean(env.npm_lifecycle_event),
})

/** The whole environment, for a child process that is a part of Twolane itself; `more` goes over it. */
export const partEnvironment = (
  more: Readonly<Record<string, string>>,
  env: Environment = process.env,
): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : []))),
  ...more,
})
