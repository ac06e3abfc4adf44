import type { Role } from "./access.ts"

const ranks: Record<Role, number> = { viewer: 1, member: 2, admin: 3 }

/** Whether a role may do what needs another one: each may also do what the ones before it may. */
export const allows = (role: Role, needed: Role): boolean => ranks[role] >= ranks[needed]
