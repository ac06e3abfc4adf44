import type { Actor } from "@twolane/protocol"

/** A person as git's author. A key without an e-mail gets an address that can never receive mail (RFC 2606). */
export const authorOf = ({
  key,
  name,
  email,
}: Actor & { email?: string }): { name: string; email: string } => ({
  name,
  email: email ?? `${key}@twolane.invalid`,
})
