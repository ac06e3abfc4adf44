import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"

/** `twolane sign-in`: prints a link, and opens nothing, since a program's arguments are everybody's to read. */
export const signInCommand = async (
  { client, output, signal }: Context,
  key: string | undefined,
): Promise<number> => {
  const link = await client.signInLink(key, { signal })
  output.value(link)
  output.line(link.url)
  output.note(`It signs in once, until ${new Date(link.expiresAt).toLocaleString()}.`)
  return exitCodes.succeeded
}
