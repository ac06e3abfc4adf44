import { createHash } from "node:crypto"
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises"
import { dirname, join } from "node:path"

/**
 * Parts of the host's `/etc` that programs need and that hold no secret. The host's folder itself is never mounted: when
 * the service is root, the jailed process owns its files.
 */
const copied = [
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "ssl/openssl.cnf",
  "crypto-policies",
  "mime.types",
  "protocols",
  "services",
  "localtime",
  "debian_version",
  "os-release",
]

const written: Record<string, string> = {
  passwd: "root:x:0:0:root:/nonexistent:/usr/sbin/nologin\nagent:x:1000:1000:agent:/home/agent:/bin/bash\n",
  group: "root:x:0:\nagent:x:1000:\n",
  hosts: "127.0.0.1 localhost twolane\n::1 localhost\n",
  "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
  "resolv.conf": "",
  // In the jail the mirror belongs to whom it maps to; git's ownership check has nothing to protect there.
  gitconfig: "[safe]\n\tdirectory = *\n[user]\n\tname = agent\n\temail = agent@localhost\n",
}

/** The bundle that the TLS variables of a jail with a network point at. */
export const certificates = "/etc/ssl/certs/ca-certificates.crt"

/**
 * Makes the folder that stands for `/etc` in every jail, in `parent`, and answers its path; one that is there already is
 * taken. `extraCa` is a file of further certificates (the worker's `NODE_EXTRA_CA_CERTS`), joined to the bundle.
 */
export const makeEtc = async (parent: string, extraCa: string | undefined): Promise<string> => {
  const texts = { ...written, ...inBundles(await readCertificates(extraCa)) }
  const stamp = createHash("sha256")
    .update(JSON.stringify([copied, texts]))
    .digest("hex")
    .slice(0, 16)
  const folder = join(parent, `etc-${stamp}`)
  if (await exists(folder)) return folder
  await mkdir(parent, { recursive: true })
  const building = await mkdtemp(`${folder}.`)
  await Promise.all(copied.map(name => copy(join("/etc", name), join(building, name))))
  await linkAlternatives(join(building, "alternatives"))
  await Promise.all(
    Object.entries(texts).map(async ([name, text]) => {
      await mkdir(dirname(join(building, name)), { recursive: true })
      await writeFile(join(building, name), text)
    }),
  )
  try {
    await rename(building, folder)
  } catch {
    // Another worker of this machine was first; its folder is the same.
    await rm(building, { recursive: true, force: true })
  }
  return folder
}

/** The two places where distributions keep the bundle. */
const inBundles = (bundle: string): Record<string, string> => ({
  [certificates.slice("/etc/".length)]: bundle,
  "pki/tls/certs/ca-bundle.crt": bundle,
})

/** Debian's choices of programs; most of the folder are choices of manual pages. */
const linkAlternatives = async (folder: string): Promise<void> => {
  await mkdir(folder)
  const names = await readdir("/etc/alternatives").catch(() => [])
  const programs = names.filter(name => !/\.\d\w*(\.gz)?$/.test(name))
  await Promise.all(programs.map(name => copy(join("/etc/alternatives", name), join(folder, name))))
}

const copy = async (from: string, to: string): Promise<void> => {
  await mkdir(dirname(to), { recursive: true })
  const target = await readlink(from).catch(() => null)
  try {
    if (target !== null) await symlink(target, to)
    else await cp(from, to, { recursive: true, verbatimSymlinks: true })
  } catch {
    // Distributions differ in which of these exist; what is not there is not needed.
  }
}

const readCertificates = async (extraCa: string | undefined): Promise<string> => {
  const read = (path: string) => readFile(path, "utf8").catch(() => "")
  const host = (await read(certificates)) || (await read("/etc/pki/tls/certs/ca-bundle.crt"))
  const extra = extraCa === undefined ? "" : await read(extraCa)
  return host.includes(extra) ? host : `${host}\n${extra}`
}

const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
