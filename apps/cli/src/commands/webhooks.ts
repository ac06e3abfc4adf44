import type { WebhookInput } from "@twolane/client"
import { oneLine } from "@twolane/common/clean"
import type { Delivery, Webhook } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"

/** `twolane webhooks`: a team has few. */
export const webhooksCommand = async ({ client, output, signal }: Context): Promise<number> => {
  const page = await client.webhooks({ limit: 200 }, { signal })
  output.value(page)
  for (const hook of page.items) output.line(hookWords(hook))
  if (page.items.length === 0) output.line("No webhooks: twolane webhooks add <url>")
  return exitCodes.succeeded
}

const hookWords = ({ id, url, events, repos, labels, waiting = 0, ...rest }: Webhook): string => {
  const { disabledBecause, failuresInRow = 0 } = rest
  return [
    id,
    oneLine(url),
    oneLine(events?.join(", ") ?? "every event"),
    ...(repos === undefined ? [] : [`of ${repos.join(", ")}`]),
    ...(labels === undefined ? [] : [`labelled ${oneLine(labels.join(", "))}`]),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(failuresInRow > 0
      ? [`the last ${failuresInRow === 1 ? "try" : `${failuresInRow} tries`} failed`]
      : []),
    ...(disabledBecause === undefined ? [] : [`disabled: ${disabledBecause}`]),
  ].join("  ")
}

/** `twolane webhooks add`: the secret alone goes to standard output, so that it can be piped somewhere safe. */
export const addWebhookCommand = async (
  { client, output, signal }: Context,
  wish: WebhookInput,
): Promise<number> => {
  const hook = await client.createWebhook(wish, { signal })
  output.value(hook)
  output.line(hook.secret)
  output.note(`${hookWords(hook)}\nThe secret is shown once. Try it: twolane webhooks test ${hook.id}`)
  return exitCodes.succeeded
}

/** `twolane webhooks rm`. */
export const removeWebhookCommand = async (
  { client, output, signal }: Context,
  id: string,
): Promise<number> => {
  await client.removeWebhook(id, { signal })
  output.value({ removed: id })
  output.line(`${oneLine(id)} is removed.`)
  return exitCodes.succeeded
}

/** `twolane webhooks rotate`. */
export const rotateWebhookCommand = async (
  { client, output, signal }: Context,
  id: string,
): Promise<number> => {
  const made = await client.rotateWebhook(id, { signal })
  output.value(made)
  output.line(made.secret)
  output.note("This is shown once. The secret before it signs along for a day.")
  return exitCodes.succeeded
}

/** `twolane webhooks test`: fails when the receiver did not take it. */
export const testWebhookCommand = async (
  { client, output, signal }: Context,
  id: string,
): Promise<number> => {
  const sent = await client.testWebhook(id, { signal })
  output.value(sent)
  output.line(deliveryWords(sent))
  return sent.status === "delivered" ? exitCodes.succeeded : exitCodes.failed
}

/** `twolane webhooks log`. */
export const webhookLogCommand = async (
  { client, output, signal }: Context,
  id: string,
  query: { limit: number },
): Promise<number> => {
  const page = await client.deliveries(id, query, { signal })
  output.value(page)
  for (const delivery of page.items) output.line(deliveryWords(delivery))
  if (page.items.length === 0) output.line("Nothing was sent yet.")
  return exitCodes.succeeded
}

/** `twolane webhooks replay`. */
export const replayDeliveryCommand = async (
  { client, output, signal }: Context,
  id: string,
  message: string,
): Promise<number> => {
  const again = await client.replayDelivery(id, message, { signal })
  output.value(again)
  output.line(`${oneLine(message)} is sent again.`)
  return exitCodes.succeeded
}

const deliveryWords = ({ id, type, createdAt, status, tries, nextAt, task }: Delivery): string => {
  const last = tries.at(-1)
  return [
    moment(createdAt),
    status.padEnd(9),
    oneLine(type),
    id,
    ...(task === undefined ? [] : [oneLine(task)]),
    ...(tries.length === 0 ? [] : [`${tries.length} ${tries.length === 1 ? "try" : "tries"}`]),
    ...(last?.error === undefined ? [] : [oneLine(last.error, 200)]),
    ...(nextAt === undefined ? [] : [`again at ${moment(nextAt)}`]),
  ].join("  ")
}

const moment = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ")
