import { spawnSync } from "node:child_process"
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeRepo, makeTempFolder, type TempRepo } from "@twolane/testkit"

/** A repository that tries to have something run by whoever touches it, and what was run. */
export type HostileRepository = AsyncDisposable & {
  repo: TempRepo
  /** Writes one setting, or several, into the repository's own file; those before are gone. */
  set: (keys: readonly string[]) => void
  /** What a plain git says of the settings; it executes what it likes. */
  complaints: () => string
  /** The marks of what was executed since the last look. */
  executed: () => string[]
}

/** All but those of who receives a push (`pre-receive`, `reference-transaction` …): they run at every host of git. */
const hooks = [
  "applypatch-msg",
  "post-checkout",
  "post-commit",
  "post-index-change",
  "post-merge",
  "pre-auto-gc",
  "pre-commit",
  "pre-push",
  "prepare-commit-msg",
  "sendemail-validate",
]

/** Makes it: hooks, attributes that name drivers, a nested repository, submodules with addresses that run something. */
export const makeHostile = async (): Promise<HostileRepository> => {
  const folder = await makeTempFolder("twl-hostile-")
  const marks = join(folder.path, "marks")
  mkdirSync(marks)
  const script = (name: string): string => {
    const path = join(folder.path, `run-${name}`)
    writeFileSync(path, `#!/bin/sh\ntouch '${join(marks, name)}'\ncat 2>/dev/null\nexit 0\n`)
    chmodSync(path, 0o755)
    return path
  }
  const repo = await makeRepo({
    files: {
      ".gitattributes": "* filter=evil diff=evil merge=evil\nb.txt filter=e=vil\n",
      ".gitmodules": `[submodule "nested"]\n\tpath = nested\n\turl = ext::${script("submodule-url")}\n\tupdate = !${script("submodule-update")}\n`,
      "a.txt": "a\n",
      "b.txt": "b\n",
      "--upload-pack=touch x": "a name like an option\n",
    },
  })
  const config = join(repo.path, ".git/config")
  const writeHooks = (into: string, names: readonly string[], mark: string) => {
    mkdirSync(into, { recursive: true })
    for (const name of names) {
      writeFileSync(join(into, name), `#!/bin/sh\n${script(`${mark}-${name}`)} </dev/null\nexit 0\n`)
      chmodSync(join(into, name), 0o755)
    }
  }
  writeHooks(join(repo.path, ".git/hooks"), hooks, "hook")
  writeHooks(join(folder.path, "hooks"), hooks, "hookspath")
  await nest(repo, script)
  writeFileSync(join(repo.path, "new.txt"), "not committed\n")
  for (const name of ["a.txt", "b.txt"]) appendFileSync(join(repo.path, name), "dirty\n")

  const setting = (key: string): string => {
    const name = key.replace(/[^\w.-]/g, "_")
    const run = script(name)
    if (key === "core.hooksPath") return join(folder.path, "hooks")
    if (key === "hook.evil.event") return "pre-commit"
    if (key === "filter.evil.required") return "true"
    if (/\.(?:insteadOf|pushInsteadOf)$/.test(key)) return "/"
    if (/\.(?:url|pushurl)$/.test(key) || key === "submodule.nested.url") return `ext::${run}`
    if (key === "protocol.ext.allow" || key === "protocol.allow") return "always"
    if (/^include(?:If\..*)?\.path$/.test(key)) return included(folder.path, run)
    if (/^alias\.|^credential\.|\.helper$|^submodule\..*\.update$/.test(key)) return `!${run}`
    return run
  }
  return {
    repo,
    set: keys =>
      writeFileSync(
        config,
        `[core]\n\trepositoryformatversion = 0\n\tbare = false\n${keys.map(key => sectionOf(key, setting(key))).join("")}`,
      ),
    complaints: () =>
      [
        ["status"],
        ["upload-pack", "--advertise-refs", "."],
        ["worktree", "list"],
        ["fetch", "--dry-run", "."],
      ]
        .map(args => {
          const { stderr } = spawnSync("git", ["-c", "core.fsmonitor=false", ...args], {
            cwd: repo.path,
            stdio: ["ignore", "ignore", "pipe"],
            timeout: 30_000,
            encoding: "utf8",
          })
          return stderr
        })
        .join("\n"),
    executed: () => {
      const found = readdirSync(marks)
      for (const name of found) rmSync(join(marks, name))
      return found
    },
    async [Symbol.asyncDispose]() {
      await repo[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** A repository in the repository, with settings of its own, in the index as a submodule would be. */
const nest = async (repo: TempRepo, script: (name: string) => string): Promise<void> => {
  await repo.git("init", "--quiet", "nested")
  await repo.git(
    "-C",
    "nested",
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@e.org",
    "commit",
    "--quiet",
    "--allow-empty",
    "-m",
    "x",
  )
  await repo.git("-C", "nested", "config", "core.fsmonitor", script("nested-fsmonitor"))
  await repo.git("-c", "advice.addEmbeddedRepo=false", "add", "nested")
  await repo.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "-m", "nest")
}

/** A file of settings that run something, for those that include it. */
const included = (folder: string, run: string): string => {
  const path = join(folder, "included")
  if (!existsSync(path))
    writeFileSync(
      path,
      `[core]\n\tfsmonitor = ${run}\n[filter "evil"]\n\tclean = ${run}\n[diff]\n\texternal = ${run}\n`,
    )
  return path
}

const sectionOf = (key: string, value: string): string => {
  const first = key.indexOf(".")
  const last = key.lastIndexOf(".")
  const section = key.slice(0, first)
  const within = first === last ? "" : ` "${key.slice(first + 1, last).replace(/["\\]/g, "\\$&")}"`
  return `[${section}${within}]\n\t${key.slice(last + 1)} = "${value}"\n`
}
