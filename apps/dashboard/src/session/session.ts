import { ClientProblem } from "@twolane/client"
import { allows, type Me, type Role } from "@twolane/protocol"
import { client, me } from "../client.ts"
import { useStore } from "../store.ts"

/** Asks who is signed in. @throws ClientProblem `unauthorized` when nobody is */
export const loadMe = async (): Promise<Me> => {
  const loaded = await client.me()
  me.set(loaded)
  return loaded
}

/** Uses up a sign-in link. @throws ClientProblem `link-not-valid` */
export const signIn = async (token: string): Promise<void> => me.set(await client.signIn(token))

/** Ends this browser's session, or all sessions of the key, and goes to where one signs in. Nothing that was loaded is kept. */
export const signOut = async (where: "here" | "everywhere"): Promise<void> => {
  if (where === "here") await client.signOut()
  else await client.signOutEverywhere()
  window.location.assign("/sign-in")
}

/** Whether an error says that nobody is signed in. */
export const isSignedOut = (error: unknown): boolean =>
  error instanceof ClientProblem && error.code === "unauthorized"

/** Who is signed in; the shell is only there when somebody is. */
export const useMe = (): Me => {
  const known = useStore(me)
  if (known === null) throw new Error("a view outside of the shell has nobody signed in")
  return known
}

/** Whether the reader may do what needs a role. */
export const useMay = (needed: Role): boolean => allows(useMe().role, needed)
