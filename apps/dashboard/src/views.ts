import type { Role } from "@twolane/protocol"

type View = { to: string; name: string; key: string; needs?: Role }

/**
 * The views of the top navigation, in its order: address, name, the letter that goes there after `g`, and the role without which it is
 * left out. The view itself stands in `router.tsx`.
 */
export const views = [
  { to: "/", name: "Queue", key: "q" },
  { to: "/ask", name: "Ask", key: "a" },
  { to: "/numbers", name: "Numbers", key: "n" },
  { to: "/repos", name: "Repos", key: "r" },
  { to: "/keys", name: "Keys", key: "k", needs: "admin" },
  { to: "/webhooks", name: "Webhooks", key: "w", needs: "admin" },
  { to: "/audit", name: "Audit", key: "u", needs: "admin" },
] as const satisfies readonly View[]
