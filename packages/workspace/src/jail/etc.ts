import { createHash } from "node:crypto"
import {
  cp,
  mkdir,
  mkdtemp,
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
  "alternatives",
  "ssl/certs",
  "ssl/openssl.cnf",
  "pki/tls/certs",
  "pki/ca-trust/extracted",
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
  const bundle = await readCertificates(extraCa)
  const folder = join(parent, `etc-${createHash("sha256").update(bundle).digest("hex").slice(0, 16)}`)
  if (await exists(folder)) return folder
  await mkdir(parent, { recursive: true })
  const building = await mkdtemp(`${folder}.`)
  for (const name of copied) await copy(join("/etc", name), join(building, name))
  for (const [name, text] of Object.entries(written)) await writeFile(join(building, name), text)
  const bundlePath = join(building, "ssl/certs/ca-certificates.crt")
  await mkdir(dirname(bundlePath), { recursive: true })
  await rm(bundlePath, { force: true })
  await writeFile(bundlePath, bundle)
  try {
    await rename(building, folder)
  } catch {
    // Another worker of this machine was first; its folder is the same.
    await rm(building, { recursive: true, force: true })
  }
  return folder
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
