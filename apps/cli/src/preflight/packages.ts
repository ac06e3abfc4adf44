/** A part of the system that Twolane needs and npm cannot bring. */
export type SystemPackage = "redis" | "bubblewrap" | "git" | "chromium"

/** The programs that a package brings; one of them on PATH is enough. */
export const programsOf: Record<SystemPackage, readonly string[]> = {
  redis: ["redis-server", "valkey-server"],
  bubblewrap: ["bwrap"],
  git: ["git"],
  chromium: ["chromium", "chromium-browser", "google-chrome"],
}

/** How one system installs packages. */
export type PackageManager = {
  program: string
  /** Shell commands, run in order; the last one gets the names. */
  before: readonly string[]
  install: string
  names: Record<SystemPackage, string>
}

const same = { bubblewrap: "bubblewrap", git: "git", chromium: "chromium" }

/** The package managers that are known, in the order they are looked for. */
export const packageManagers: readonly PackageManager[] = [
  {
    program: "apt-get",
    before: ["apt-get update -qq"],
    install: "apt-get install -y -qq --no-install-recommends",
    names: { ...same, redis: "redis-server" },
  },
  { program: "dnf", before: [], install: "dnf install -y -q", names: { ...same, redis: "redis" } },
  {
    program: "apk",
    before: [],
    install: "apk add --quiet",
    names: { ...same, redis: "redis" },
  },
  {
    program: "pacman",
    before: [],
    install: "pacman -Sy --noconfirm --needed",
    names: { ...same, redis: "valkey" },
  },
  {
    program: "zypper",
    before: [],
    install: "zypper --non-interactive install",
    names: { ...same, redis: "redis" },
  },
  { program: "brew", before: [], install: "brew install", names: { ...same, redis: "redis" } },
]

/** The packages of which no program can be found. */
export const missingPackages = (
  needed: readonly SystemPackage[],
  isThere: (program: string) => boolean,
): SystemPackage[] => needed.filter(name => !programsOf[name].some(isThere))

/** The shell commands that install packages; with `sudo` in front where we are not root (Homebrew refuses to run as root). */
export const installCommands = (
  manager: PackageManager,
  packages: readonly SystemPackage[],
  root: boolean,
): string[] => {
  const names = packages.map(name => manager.names[name]).join(" ")
  const prefix = root || manager.program === "brew" ? "" : "sudo "
  return [...manager.before, `${manager.install} ${names}`].map(command => prefix + command)
}
