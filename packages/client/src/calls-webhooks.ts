import type { Delivery, Page, Webhook } from "@twolane/protocol"
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

/** A webhook to make: an address, and what it hears; a list that is absent leaves nothing out. */
export type WebhookInput = BodyOf<"/v1/webhooks">
type PageQuery = NonNullable<paths["/v1/webhooks"]["get"]["parameters"]["query"]>

/** Calls about who hears of the team's events by HTTP, for admins. All throw `ClientProblem` and `Unreachable`. */
export const webhookCalls = (api: Api) => ({
  /** Makes a webhook; `secret` is in this answer alone. */
  createWebhook: (hook: WebhookInput, options?: EffectOptions): Promise<Webhook & { secret: string }> =>
    bodyOf(api.POST("/v1/webhooks", { body: hook, ...act(options) })),
  webhooks: (query: PageQuery = {}, options?: CallOptions): Promise<Page<Webhook>> =>
    bodyOf(api.GET("/v1/webhooks", { params: { query }, ...read(options) })),
  removeWebhook: (id: string, options?: CallOptions): Promise<void> =>
    doneOf(api.DELETE("/v1/webhooks/{id}", { params: { path: { id } }, ...read(options) })),
  /** What was sent, newest first. */
  deliveries: (id: string, query: PageQuery = {}, options?: CallOptions): Promise<Page<Delivery>> =>
    bodyOf(api.GET("/v1/webhooks/{id}/deliveries", { params: { path: { id }, query }, ...read(options) })),
  /** Sends a test message and says what came of it. */
  testWebhook: (id: string, options?: EffectOptions): Promise<Delivery> =>
    bodyOf(api.POST("/v1/webhooks/{id}/test", { params: { path: { id } }, body: {}, ...act(options) })),
  /** Sends a message again, with the id that it has. */
  replayDelivery: (id: string, message: string, options?: EffectOptions): Promise<Delivery> =>
    bodyOf(
      api.POST("/v1/webhooks/{id}/deliveries/{message}/replay", {
        params: { path: { id, message } },
        body: {},
        ...act(options),
      }),
    ),
  /** A new secret; the one before signs along for a day. */
  rotateWebhook: (id: string, options?: EffectOptions): Promise<{ id: string; secret: string }> =>
    bodyOf(api.POST("/v1/webhooks/{id}/rotate", { params: { path: { id } }, body: {}, ...act(options) })),
})
