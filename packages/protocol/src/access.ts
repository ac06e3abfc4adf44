import { z } from "zod"
import { KeyId } from "./ids.ts"
import { Actor, lastMoment } from "./terms.ts"

/** What a key may do: a viewer reads; a member also works with tasks; an admin also sees to repos, keys, webhooks and the queue. */
export const Role = z.enum(["viewer", "member", "admin"])
export type Role = z.infer<typeof Role>

/** The name of a team: it stands in Redis keys and folder names. */
export const TeamName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, "use a-z, 0-9 and dashes; at most 40")

const at = z.number().int()

/** An API key as its admins see it; the key itself was shown once, when it was made. */
export const Key = z.object({
  id: z.string(),
  team: z.string(),
  name: z.string(),
  /** The address that commits name as their author's. */
  email: z.string().optional(),
  role: Role,
  createdAt: at,
  createdBy: Actor,
  /** When it was last used, to the minute. */
  lastUsedAt: at.optional(),
  expiresAt: at.optional(),
})
export type Key = z.infer<typeof Key>

/** Names end up in commits, where these letters would end them. */
const PersonName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^<>\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "must not have < > or control characters")

/** `POST /v1/keys`. */
export const KeyRequest = z.strictObject({
  name: PersonName,
  email: z.email().max(254).optional(),
  role: Role.default("member"),
  /** Another team than the caller's own: only for the key of the settings. */
  team: TeamName.optional(),
  expiresAt: at.positive().max(lastMoment).optional(),
})
export type KeyRequest = z.infer<typeof KeyRequest>

/** `POST /v1/sign-in-links`: for the caller's own key, or, as an invitation by an admin, for another one of the team. */
export const SignInLinkRequest = z.strictObject({ key: KeyId.optional() })
/** A link that signs in once: what stands behind its `#` never reaches a server by itself. */
export const SignInLink = z.object({ url: z.string(), expiresAt: at })
export type SignInLink = z.infer<typeof SignInLink>

/** `POST /v1/session`: what stood behind the link's `#`. */
export const SignInRequest = z.strictObject({ token: z.string().min(1).max(200) })
export type SignInRequest = z.infer<typeof SignInRequest>

/** Who calls. */
export const Me = z.object({
  key: z.object({ id: z.string(), name: z.string(), email: z.string().optional() }),
  team: z.string(),
  role: Role,
  /** Whether it may see to what all teams share, such as the lanes' limits. */
  operates: z.boolean(),
  /** The session, for a caller that is signed in on the page; null for a key. */
  session: z
    .object({
      /** Goes with every effect as `x-twolane-csrf`. */
      csrf: z.string(),
      signedInAt: at,
      /** When it ends at the latest; unused it ends a day after its last use. */
      endsAt: at,
    })
    .nullable(),
})
export type Me = z.infer<typeof Me>
