/** What Discord refuses in a message: its documented limits, and what must be there. */
import { z } from "zod"

const Field = z.strictObject({
  name: z.string().min(1).max(256),
  value: z.string().min(1).max(1_024),
  inline: z.boolean().optional(),
})
const Embed = z.strictObject({
  title: z.string().max(256).optional(),
  description: z.string().max(4_096).optional(),
  url: z.url().optional(),
  fields: z.array(Field).max(25).optional(),
  footer: z.strictObject({ text: z.string().min(1).max(2_048) }).optional(),
})
const Button = z.strictObject({
  type: z.literal(2),
  style: z.union([1, 2, 3, 4].map(style => z.literal(style))),
  label: z.string().min(1).max(80),
  custom_id: z.string().min(1).max(100),
})
const LinkButton = z.strictObject({
  type: z.literal(2),
  style: z.literal(5),
  label: z.string().min(1).max(80),
  url: z.url({ protocol: /^https?$/ }).max(512),
})
const Row = z.strictObject({
  type: z.literal(1),
  components: z
    .array(z.union([Button, LinkButton]))
    .min(1)
    .max(5),
})
const Message = z.strictObject({
  content: z.string().max(2_000).optional(),
  embeds: z.array(Embed).max(10).optional(),
  components: z.array(Row).max(5).optional(),
  allowed_mentions: z.strictObject({ parse: z.array(z.enum(["users", "roles", "everyone"])) }).optional(),
  nonce: z.string().max(25).optional(),
  enforce_nonce: z.boolean().optional(),
  flags: z.number().int().optional(),
})

const maxAllTexts = 6_000

/** Why Discord would not take a message; null when it would. `files` goes with it. */
export const faultOfMessage = (body: unknown, files: number): string | null => {
  const { data, error } = Message.safeParse(body)
  if (data === undefined) return z.prettifyError(error)
  const embeds = data.embeds ?? []
  const shown = embeds.flatMap(({ title, description, fields = [], footer }) => [
    title ?? "",
    description ?? "",
    footer?.text ?? "",
    ...fields.flatMap(({ name, value }) => [name, value]),
  ])
  if (shown.join("").length > maxAllTexts) return "Embed size exceeds maximum size of 6000"
  if (!data.content && shown.join("") === "" && files === 0) return "Cannot send an empty message"
  const ids = (data.components ?? []).flatMap(({ components }) =>
    components.flatMap(each => ("custom_id" in each ? [each.custom_id] : [])),
  )
  return new Set(ids).size < ids.length ? "Component custom id cannot be duplicated" : null
}

const Command = z.strictObject({
  name: z.string().regex(/^[-_\p{Ll}\p{N}]{1,32}$/u),
  description: z.string().min(1).max(100),
  type: z.literal(1).optional(),
  contexts: z.array(z.literal([0, 1, 2])).optional(),
  options: z
    .array(
      z.strictObject({
        type: z.number().int().min(1).max(11),
        name: z.string().regex(/^[-_\p{Ll}\p{N}]{1,32}$/u),
        description: z.string().min(1).max(100),
        required: z.boolean().optional(),
      }),
    )
    .max(25)
    .optional(),
})
const Thread = z.strictObject({ name: z.string().min(1).max(100) })

/** Why Discord would not make a slash command. */
export const faultOfCommand = (body: unknown): string | null => faultBy(Command, body)
/** Why Discord would not open a thread at a message. */
export const faultOfThread = (body: unknown): string | null => faultBy(Thread, body)

const faultBy = (shape: z.ZodType, body: unknown): string | null => {
  const { success, error } = shape.safeParse(body)
  return success ? null : z.prettifyError(error)
}
