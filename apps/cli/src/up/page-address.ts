import { ClientProblem, createClient, Unreachable } from "@twolane/client"
import type { Access } from "../connect.ts"

/** The page's address as the start-up line has it: with a link that signs in once, where the gateway gives one. */
export const pageAddress = async ({ url, apiKey }: Access, signal: AbortSignal): Promise<string> => {
  try {
    const link = await createClient({ baseUrl: url, apiKey, origin: "cli" }).signInLink(undefined, { signal })
    return `${link.url} (signs in once, within 15 minutes; twolane sign-in makes another link)`
  } catch (error) {
    if (!(error instanceof ClientProblem) && !(error instanceof Unreachable)) throw error
    return `${url} (twolane sign-in makes a link to sign in: ${error.message})`
  }
}
