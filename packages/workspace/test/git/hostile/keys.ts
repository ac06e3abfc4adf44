import { execFileSync } from "node:child_process"

/** Names that stand for git's placeholders: those that the hostile repository's own files speak of. */
const named: Record<string, string> = {
  "<branch>": "main",
  "<cmd>": "status",
  "<command>": "amend",
  "<condition>": "gitdir:/**",
  "<driver>": "evil",
  "<format>": "ssh",
  "<group>": "default",
  "<id>": "evil",
  "<identity>": "evil",
  "<key>": "evil",
  "<msg-id>": "badDate",
  "<pattern>": "refs/heads/*",
  "<task>": "gc",
  "<token>": "evil",
  "<tool>": "evil",
  "<url>": "https://example.org",
}
const byPrefix: Record<string, string> = {
  branch: "main",
  remote: "origin",
  submodule: "nested",
  protocol: "ext",
}
/** What a star stands for. */
const stars: Record<string, string[]> = {
  alias: ["status", "fetch", "ls-remote", "upload-pack", "receive-pack", "worktree"],
  "credential.<url>": ["helper"],
  "http.<url>": ["proxy", "sslCert"],
  bundle: ["uri"],
}

const spelled = (key: string): string[] => {
  const [prefix = ""] = key.split(".")
  if (key.endsWith(".*")) return (stars[key.slice(0, -2)] ?? ["evil"]).map(name => key.slice(0, -1) + name)
  return [key.replace("<name>", byPrefix[prefix] ?? "evil")]
}

/** Keys that execute something and that no list of git's names, or only with a star. */
const more = [
  "core.fsmonitor",
  "core.hooksPath",
  "filter.e=vil.clean",
  "filter.evil.process",
  "filter.evil.required",
  "hook.evil.command",
  "hook.evil.event",
  "include.path",
  "trailer.evil.cmd",
  "trailer.evil.command",
  "uploadpack.packObjectsHook",
  "url.ext::sh -c evil.insteadOf",
  "url.ext::sh -c evil.pushInsteadOf",
]

/** Every key that this git's own help lists, each with names in the place of its placeholders. */
export const everyKey = (): string[] => {
  const listed = execFileSync("git", ["help", "--config"], { encoding: "utf8" })
    .split("\n")
    .filter(line => /^[A-Za-z][\w.<>*-]+$/.test(line) && line.includes("."))
    .flatMap(spelled)
    .map(key => key.replace(/<[\w-]+>/g, placeholder => named[placeholder] ?? "evil"))
  return [...new Set([...listed, ...more])]
}
