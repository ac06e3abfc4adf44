import { createClient } from "@twolane/client"
import type { Me } from "@twolane/protocol"
import { createStore } from "./store.ts"

/** Who is signed in, as the gateway said; null before it did. `session/session.ts` sets it. */
export const me = createStore<Me | null>(null)

/** The one client of the page. It carries no key: the gateway knows the browser by its session's cookie. */
export const client = createClient({
  // Where the queue is drawn for the first look there is no gateway to ask, and nothing asks.
  baseUrl: import.meta.env.SSR ? "http://page.invalid" : window.location.origin,
  origin: "page",
  csrf: () => me.get()?.session?.csrf ?? null,
})
