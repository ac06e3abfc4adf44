import type { Actor } from "@twolane/protocol"

/**
 * A person as git's author. Somebody of GitHub has the address by which GitHub knows them again; a key without an e-mail gets one that can
 * never receive mail (RFC 2606).
 */
export const authorOf = ({
  key,
  name,
  email,
}: Actor & { email?: string }): { name: string; email: string } => ({
  name,
  email: email ?? githubMail(key, name) ?? `${key.replaceAll(":", "-")}@twolane.invalid`,
})

const githubMail = (key: string, login: string): string | null => {
  const id = /^github:(\d+)$/.exec(key)?.[1]
  return id === undefined ? null : `${id}+${login}@users.noreply.github.com`
}
