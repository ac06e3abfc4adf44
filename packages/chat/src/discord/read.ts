import { TaskId, TurnId } from "@twolane/protocol"
import { z } from "zod"
import { type Click, readClick } from "../card/card.ts"
import type { Incoming } from "../incoming.ts"

const Id = z.string().regex(/^\d{15,21}$/)
const Channel = z.object({ id: Id, type: z.number().int(), parent_id: Id.nullish() })
const base = {
  id: Id,
  token: z.string().min(1).max(1_000),
  guild_id: Id,
  channel: Channel,
  member: z.object({ user: z.object({ id: Id, bot: z.boolean().optional() }) }),
}
const Ping = z.object({ type: z.literal(1) })
const Command = z.object({
  ...base,
  type: z.literal(2),
  data: z.object({ options: z.array(z.object({ name: z.string(), value: z.unknown() })).optional() }),
})
const Component = z.object({
  ...base,
  type: z.literal(3),
  data: z.object({ custom_id: z.string().max(100) }),
})
const Filled = z.object({
  ...base,
  type: z.literal(5),
  data: z.object({
    custom_id: z.string().max(100),
    components: z.array(
      z.object({ components: z.array(z.object({ custom_id: z.string(), value: z.string() })) }),
    ),
  }),
})
const Interaction = z.discriminatedUnion("type", [Ping, Command, Component, Filled])
type Interaction = z.infer<typeof Interaction>

/** Threads of channels that people see, of those that they are asked into, and of announcements. */
export const threadTypes: ReadonlySet<number> = new Set([10, 11, 12])
const formPattern = /^tl:note (task_[0-9a-z]{26})\/(turn_[0-9a-z]{26})$/
/** Where an answer goes: in the place of the one that was promised, or as one more. */
const original = "original"
const further = "further"

/** What Discord asks, and what it wants to read at once: it waits three seconds, and shows a failure after that. */
export type DiscordRead =
  | { kind: "ping" }
  /** A form is the whole answer to its button. */
  | { kind: "form"; answer: object }
  | { kind: "incoming"; id: string; incoming: Exclude<Incoming, { kind: "none" }>; answer: object }
  | { kind: "none" }

/** Reads an interaction, after its signature was found right. */
export const readDiscord = (body: string): DiscordRead => {
  const interaction = parse(body)
  if (interaction === null) return { kind: "none" }
  if (interaction.type === 1) return { kind: "ping" }
  if (interaction.member.user.bot === true) return { kind: "none" }
  if (interaction.type === 2) return readCommand(interaction)
  return interaction.type === 3 ? readComponent(interaction) : readFilled(interaction)
}

const parse = (body: string): Interaction | null => {
  try {
    return Interaction.safeParse(JSON.parse(body)).data ?? null
  } catch {
    // No JSON, so nothing of ours.
    return null
  }
}

type Spoken = Exclude<Interaction, { type: 1 }>

const whoAndWhere = ({ guild_id: workspace, member, channel }: Spoken) => {
  const isThread = threadTypes.has(channel.type)
  const parent = isThread ? (channel.parent_id ?? channel.id) : channel.id
  return {
    by: { platform: "discord", workspace, user: member.user.id },
    place: { platform: "discord", workspace, channel: parent, ...(isThread ? { thread: channel.id } : {}) },
  } as const
}

/** A promise of an answer that its author alone will see. */
const promised = { type: 5, data: { flags: 64 } }
/** It was heard; what it says there stays. */
const acknowledged = { type: 6 }

const readCommand = (interaction: z.infer<typeof Command>): DiscordRead => {
  const { id, token, data } = interaction
  const said = data.options?.find(({ name }) => name === "order")?.value
  const text = typeof said === "string" ? said : ""
  const { by, place } = whoAndWhere(interaction)
  const aside = { platform: "discord", to: `${original}/${token}` } as const
  const { thread } = place
  const incoming: Incoming =
    thread === undefined
      ? { kind: "order", by, place, text, aside }
      : { kind: "reply", by, place: { ...place, thread }, text, aside, mentioned: true }
  return { kind: "incoming", id, incoming, answer: promised }
}

const readComponent = (interaction: z.infer<typeof Component>): DiscordRead => {
  const { id, token, data } = interaction
  const [name = "", value = ""] = data.custom_id.split(" ")
  const click = readClick(name, value)
  if (click === null) return { kind: "none" }
  if (click.verb === "steer") return { kind: "form", answer: formFor(click) }
  const aside = { platform: "discord", to: `${further}/${token}` } as const
  return {
    kind: "incoming",
    id,
    incoming: { kind: "click", ...whoAndWhere(interaction), click, aside },
    answer: acknowledged,
  }
}

const formFor = ({ task, about }: Click) => ({
  type: 9,
  data: {
    custom_id: `tl:note ${task}/${about}`,
    title: "Steer the agent",
    components: [
      {
        type: 1,
        components: [
          {
            type: 4,
            custom_id: "text",
            style: 2,
            label: "What should it do differently?",
            max_length: 3_000,
            required: true,
          },
        ],
      },
    ],
  },
})

const readFilled = (interaction: z.infer<typeof Filled>): DiscordRead => {
  const { id, token, data } = interaction
  const [, task, turn] = formPattern.exec(data.custom_id) ?? []
  const text = data.components
    .flatMap(({ components }) => components)
    .find(each => each.custom_id === "text")?.value
  if (!TaskId.safeParse(task).success || !TurnId.safeParse(turn).success || text === undefined)
    return { kind: "none" }
  const aside = { platform: "discord", to: `${original}/${token}` } as const
  const about = { task: task ?? "", turn: turn ?? "" }
  return {
    kind: "incoming",
    id,
    incoming: { kind: "note", ...whoAndWhere(interaction), ...about, text, aside },
    answer: promised,
  }
}
