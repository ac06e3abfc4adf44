import type { KeyInput } from "@twolane/client"
import { oneLine } from "@twolane/common/clean"
import type { Key } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"

/** `twolane keys`. */
export const keysCommand = async (
  { client, output, signal }: Context,
  query: { team?: string },
): Promise<number> => {
  const items: Key[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.keys({ ...query, limit: 200, ...(cursor && { cursor }) }, { signal })
    items.push(...page.items)
    cursor = page.nextCursor
  }
  output.value({ items, nextCursor: null })
  for (const key of items) output.line(keyWords(key))
  if (items.length === 0) output.line("No keys beside the one of the settings: twolane keys add <name>")
  return exitCodes.succeeded
}

/** One line about a key. */
export const keyWords = ({ id, name, email, role, lastUsedAt, expiresAt }: Key): string =>
  [
    id,
    role.padEnd(6),
    oneLine(email === undefined ? name : `${name} <${email}>`),
    lastUsedAt === undefined ? "never used" : `used ${day(lastUsedAt)}`,
    ...(expiresAt === undefined ? [] : [`until ${day(expiresAt)}`]),
  ].join("  ")

const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ")

/** `twolane keys add`: the secret alone goes to standard output, so that it can be piped somewhere safe. */
export const addKeyCommand = async ({ client, output, signal }: Context, wish: KeyInput): Promise<number> => {
  const key = await client.createKey(wish, { signal })
  output.value(key)
  output.line(key.secret)
  output.note(`${keyWords(key)}\nThis is shown once. An invitation to the page: twolane sign-in ${key.id}`)
  return exitCodes.succeeded
}

/** `twolane keys rm`. */
export const removeKeyCommand = async ({ client, output, signal }: Context, id: string): Promise<number> => {
  await client.revokeKey(id, { signal })
  output.value({ revoked: id })
  output.line(`${oneLine(id)} is revoked, with its sessions.`)
  return exitCodes.succeeded
}
