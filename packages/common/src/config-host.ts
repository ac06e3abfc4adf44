/** What this machine says of itself through the environment; settings are in `config.ts`. */
import { homedir } from "node:os"
import type { Environment } from "./config.ts"

/** The parts of the host's environment that Twolane uses; nothing else of it reaches a child process. */
export type HostEnvironment = {
  path: string
  home: string
  /** The operator's ssh agent, which serves git where no credential is set. */
  sshAgent: string | null
  /** Where sockets may lie (`$XDG_RUNTIME_DIR`). */
  runtimeDir: string | null
  terminal: string | null
  noColor: boolean
  /** Started by `npm start` or `npm run`. */
  underNpm: boolean
}

/** Reads the host's environment. */
export const readHost = (env: Environment = process.env): HostEnvironment => ({
  path: env.PATH || "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  home: env.HOME || homedir(),
  sshAgent: env.SSH_AUTH_SOCK || null,
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
