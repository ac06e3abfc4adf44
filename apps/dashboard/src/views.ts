/**
 * The views of the top navigation, in its order: address, name, and the letter that goes there after `g`. The view itself stands in
 * `router.tsx`.
 */
export const views = [
  { to: "/", name: "Queue", key: "q" },
  { to: "/ask", name: "Ask", key: "a" },
  { to: "/numbers", name: "Numbers", key: "n" },
] as const
