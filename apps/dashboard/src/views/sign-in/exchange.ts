import { redirect } from "@tanstack/react-router"
import { signIn } from "../../session/session.ts"

/** What the view has to say: why a link did not work; null when there was none. */
export type Exchange = { error: unknown }

/**
 * Uses up the link that the reader came by: its token stands behind the `#`, which no server sees, and is taken out of the address and the
 * history at once. Then goes on to the queue.
 */
export const exchange = async (): Promise<Exchange> => {
  const token = window.location.hash.slice(1)
  if (token === "") return { error: null }
  window.history.replaceState(window.history.state, "", window.location.pathname)
  try {
    await signIn(token)
  } catch (error) {
    return { error }
  }
  throw redirect({ to: "/", hash: "", replace: true })
}
