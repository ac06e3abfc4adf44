import type { AuditCheck, AuditHead, AuditRecord, Key, Me, Page, SignInLink } from "@twolane/protocol"
import {
  type Api,
  act,
  type BodyOf,
  bodyOf,
  type CallOptions,
  doneOf,
  type EffectOptions,
  read,
} from "./api.ts"
import type { paths } from "./openapi.generated.d.ts"

/** A key to make; what has a default may be left out. */
export type KeyInput = BodyOf<"/v1/keys">
/** A page of keys; another team's only for the key of the settings. */
export type KeyQuery = NonNullable<paths["/v1/keys"]["get"]["parameters"]["query"]>

/** Which records of the audit log. */
export type AuditQuery = NonNullable<paths["/v1/audit"]["get"]["parameters"]["query"]>

/** Calls about who calls, and being signed in on the page. All throw `ClientProblem` and `Unreachable`. */
export const accessCalls = (api: Api) => ({
  me: (options?: CallOptions): Promise<Me> => bodyOf(api.GET("/v1/me", read(options))),
  /** Uses up a sign-in link: `token` is what stands behind its `#`. In a browser the session's cookie is then set. */
  signIn: (token: string, options?: CallOptions): Promise<Me> =>
    bodyOf(api.POST("/v1/session", { body: { token }, ...read(options) })),
  signOut: (options?: CallOptions): Promise<void> => doneOf(api.DELETE("/v1/session", read(options))),
  /** Ends every session of this key, in all browsers. */
  signOutEverywhere: (options?: CallOptions): Promise<void> =>
    doneOf(api.DELETE("/v1/sessions", read(options))),
  /** A link that signs in once, with this key or, for an admin, as an invitation with another one of the team. */
  signInLink: (key?: string, options?: EffectOptions): Promise<SignInLink> =>
    bodyOf(api.POST("/v1/sign-in-links", { body: key === undefined ? {} : { key }, ...act(options) })),
  /** Makes a key; `secret` is in this answer alone. */
  createKey: (key: KeyInput, options?: EffectOptions): Promise<Key & { secret: string }> =>
    bodyOf(api.POST("/v1/keys", { body: key, ...act(options) })),
  keys: (query: KeyQuery = {}, options?: CallOptions): Promise<Page<Key>> =>
    bodyOf(api.GET("/v1/keys", { params: { query }, ...read(options) })),
  audit: (query: AuditQuery = {}, options?: CallOptions): Promise<Page<AuditRecord>> =>
    bodyOf(
      api.GET("/v1/audit", {
        params: { query },
        headers: { accept: "application/json" },
        ...read(options),
      }),
    ) as Promise<Page<AuditRecord>>,
  /** Every record that is kept, oldest first, as JSON lines. */
  exportAudit: (options?: CallOptions): Promise<ReadableStream<Uint8Array>> =>
    bodyOf(
      api.GET("/v1/audit", {
        headers: { accept: "application/x-ndjson" },
        parseAs: "stream",
        ...read(options),
      }),
    ) as Promise<ReadableStream<Uint8Array>>,
  /** Whether the audit log is whole; `known` is a head that was kept elsewhere. */
  verifyAudit: (known?: AuditHead, options?: CallOptions): Promise<AuditCheck> =>
    bodyOf(api.GET("/v1/audit/verify", { params: { query: known ?? {} }, ...read(options) })),
  /** Revokes a key, with its sessions and open streams. */
  revokeKey: (id: string, options?: CallOptions): Promise<void> =>
    doneOf(api.DELETE("/v1/keys/{id}", { params: { path: { id } }, ...read(options) })),
})
