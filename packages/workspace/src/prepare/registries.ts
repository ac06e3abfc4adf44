import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { type AllowedHost, allowedHost, hostOfUrl } from "../jail/hosts.ts"
import type { Manager, ReadBase, Setup } from "./detect.ts"

/** What a setup may reach, and the variables that lead its package managers there. */
export type Registries = { allowed: AllowedHost[]; env: Record<string, string> }

/** The public registries of each manager, also named by lockfiles that name none. */
const usual: Record<Manager, string[]> = {
  npm: ["registry.npmjs.org"],
  pnpm: ["registry.npmjs.org"],
  yarn: ["registry.npmjs.org", "registry.yarnpkg.com", "repo.yarnpkg.com"],
  pip: ["pypi.org", "files.pythonhosted.org"],
  go: ["proxy.golang.org", "sum.golang.org"],
  cargo: ["index.crates.io", "static.crates.io", "crates.io"],
}

/** Where the files that a repository is installed by name hosts; other addresses in them (of funders, say) are none. */
const named = [
  /"resolved"\s*:\s*"(https?:\/\/[^"]+)"/g,
  /^\s+resolved\s+"(https?:\/\/[^"#]+)/gm,
  /\btarball:\s*['"]?(https?:\/\/[^\s'",}]+)/g,
  /\b(?:url|registry)\s*=\s*"(https?:\/\/[^"]+)"/g,
  /"registry\+(https?:\/\/[^"]+)"/g,
  /^\s*(?:--(?:extra-)?index-url[ =]|-i )\s*(\S+)/gm,
  /^(?:@[^:\s]+:)?registry\s*=\s*(\S+)/gm,
  /\bnpmRegistryServer:\s*["']?(https?:\/\/[^\s"']+)/g,
]

/**
 * `network.setup`: the hosts that `twolane.yaml` lists, or (`auto`) the registries of the lockfiles and of the worker's own
 * package-manager settings. Only the latter may lie in a private network, for only they are the operator's word.
 */
export const findRegistries = async (
  listed: "auto" | readonly string[],
  setup: Setup,
  read: ReadBase,
): Promise<Registries> => {
  const operator = await operatorSettings(setup.managers)
  if (listed !== "auto")
    return { allowed: listed.map(host => byOperator(allowedHost(host, false), operator)), env: operator.env }
  const files = [...setup.lockfiles, ".npmrc", ".yarnrc.yml", "pip.conf"]
  const texts = await Promise.all(files.map(read))
  const fromFiles = texts.flatMap(text => (text === null ? [] : namedHosts(text)))
  const fromManagers = setup.managers.flatMap(manager => usual[manager]).map(host => allowedHost(host, false))
  return { allowed: unique([...operator.allowed, ...fromManagers, ...fromFiles]), env: operator.env }
}

const byOperator = (host: AllowedHost, operator: Registries): AllowedHost =>
  operator.allowed.find(each => each.host === host.host) ?? host

/** The hosts that a lockfile or a manager's settings name. */
export const namedHosts = (text: string): AllowedHost[] =>
  named.flatMap(pattern =>
    [...text.matchAll(pattern)].flatMap(match => hostOfUrl(match[1] ?? "", false) ?? []),
  )

const unique = (hosts: AllowedHost[]): AllowedHost[] => [
  ...new Map(hosts.map(each => [`${each.host}:${each.port ?? ""}:${each.internal}`, each])).values(),
]

type Setting = { tool: [string, ...string[]]; variables: string[] }

/** How each tool is asked for its registry, and the variables by which a jail is told. */
const settings: Partial<Record<Manager, Setting>> = {
  npm: { tool: ["npm", "config", "get", "registry"], variables: ["npm_config_registry"] },
  pnpm: { tool: ["npm", "config", "get", "registry"], variables: ["npm_config_registry"] },
  yarn: {
    tool: ["npm", "config", "get", "registry"],
    variables: ["npm_config_registry", "YARN_REGISTRY", "YARN_NPM_REGISTRY_SERVER"],
  },
  pip: {
    tool: ["python3", "-m", "pip", "config", "get", "global.index-url"],
    variables: ["PIP_INDEX_URL", "UV_DEFAULT_INDEX"],
  },
  go: { tool: ["go", "env", "GOPROXY"], variables: ["GOPROXY"] },
}

const asked = new Map<string, Promise<string>>()

const operatorSettings = async (managers: Manager[]): Promise<Registries> => {
  const registries: Registries = { allowed: [], env: {} }
  for (const manager of managers) {
    const setting = settings[manager]
    if (setting === undefined) continue
    const answer = await ask(setting.tool)
    const urls = answer.split(/[,|]/).flatMap(url => hostOfUrl(url.trim(), true) ?? [])
    registries.allowed.push(...urls)
    if (urls.length > 0)
      for (const variable of setting.variables) registries.env[variable] = withoutLogin(answer)
  }
  return registries
}

/** One question a process: npm alone takes half a second to say its registry. */
const ask = ([program, ...args]: Setting["tool"]): Promise<string> => {
  const key = [program, ...args].join(" ")
  const known = asked.get(key)
  if (known !== undefined) return known
  const answer = promisify(execFile)(program, args, { timeout: 20_000, cwd: "/" }).then(
    ({ stdout }) => stdout.trim(),
    // The tool is not there, or has no such setting.
    () => "",
  )
  asked.set(key, answer)
  return answer
}

/** A login in an address is the operator's secret; a setup gets only the secrets that the repo was given. */
const withoutLogin = (answer: string): string => answer.replace(/\/\/[^/@,|\s]*@/g, "//")
