import { z } from "zod"

/** One package of a lockfile; all fields that we do not read are kept. */
const LockedPackage = z.looseObject({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  devOptional: z.boolean().optional(),
  optional: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
})
/** What we read of a `package-lock.json`. */
const Lockfile = z.looseObject({ packages: z.record(z.string(), LockedPackage) })
type Lockfile = z.infer<typeof Lockfile>

/** Reads a lockfile; its fields stay in their order. */
export const parseLockfile = (text: string): Lockfile => {
  const content: unknown = JSON.parse(text)
  Lockfile.parse(content)
  return content as Lockfile
}

const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
]
const processors = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"]

/**
 * Adds the optional packages of other platforms that a lockfile leaves out. A registry mirror may have the Linux packages alone;
 * `npm install` against it writes a lockfile without the others, and `npm ci` then refuses that lockfile everywhere. They are
 * written without a checksum, which nobody here can know.
 */
export const completeLockfile = (lockfile: Lockfile): Lockfile => {
  const { packages } = lockfile
  const added = Object.entries(packages).flatMap(([path, parent]) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name]) => !isLocked(packages, path, name))
      .map(
        ([name, version]) =>
          [`node_modules/${name}`, foreignPackage(name, version, parent.dev === true)] as const,
      ),
  )
  const all = { ...packages, ...Object.fromEntries(added) }
  const sorted = Object.keys(all).sort((left, right) => left.localeCompare(right, "en"))
  return {
    ...lockfile,
    packages: Object.fromEntries(sorted.flatMap(path => (all[path] ? [[path, all[path]]] : []))),
  }
}

/** The names of optional packages that a lockfile leaves out. */
export const missingOptional = ({ packages }: Lockfile): string[] =>
  Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(name => !isLocked(packages, path, name)),
  )

const isLocked = (packages: Lockfile["packages"], parent: string, name: string): boolean =>
  `${parent}/node_modules/${name}` in packages || `node_modules/${name}` in packages

/** A package for another platform, as npm would lock it: which one is in its name. */
const foreignPackage = (name: string, version: string, dev: boolean) => {
  const words = name.replace("windows", "win32").replace(/-64$/, "-x64").split(/[/-]/)
  const os = systems.filter(system => words.includes(system))
  const cpu = processors.filter(processor => words.includes(processor))
  if (os.length === 0) throw new Error(`${name} does not say for which system it is`)
  const libc = words.some(word => word.startsWith("musl")) ? { libc: ["musl"] } : {}
  return { version, cpu, ...(dev ? { dev } : {}), ...libc, optional: true, os }
}
