import { keyOwner } from "../http/auth.ts"
import type { Known } from "./handle.ts"

/** What is done with a delivery, and how to have another thing done with it from now on. */
export type Decided<Way> = { way: Way; change: (way: Way) => Promise<void> }

/**
 * Decides once what is done with a delivery: where it comes again after a crash it is not judged by what it itself has caused. The first
 * decision holds for a day, or what it was changed to.
 * @throws Fault store-unavailable
 */
export const decideOnce = async <Way extends object>(
  { gateway: { store }, caller, delivery }: Known,
  of: string,
  first: Way,
): Promise<Decided<Way>> => {
  const who = keyOwner(caller)
  const key = `chat-way-${delivery}-${of}`
  const found = await store.reserve(who, key, delivery, JSON.stringify(first))
  return {
    way: wayOf(found, first),
    change: way => store.settle(who, key, { status: 200, body: way }),
  }
}

const wayOf = <Way>(found: Awaited<ReturnType<Known["gateway"]["store"]["reserve"]>>, first: Way): Way => {
  switch (found.state) {
    case "new":
      return first
    case "reserved":
      return JSON.parse(found.subject) as Way
    case "replay":
      return found.body as Way
    case "conflict":
      throw new Error("a delivery's name is another's")
  }
}
