import { z } from "zod"
import { TeamName } from "./access.ts"
import { RepoName } from "./requests.ts"

/** Turns at once. */
const atOnce = z.number().int().min(1).max(10_000)
/** Slots that are kept free for somebody. */
const reserved = z.number().int().min(1).max(1_000)

/** A provider's host, as `GET /v1/queue` names it. */
const ProviderHost = z
  .string()
  .regex(/^[a-z0-9.:[\]-]{1,253}$/, "must be a host such as api.openai.com, in lower case")

/** What one team has of a lane: its share (default 1: as much as any other team), and its own limits. */
const teamLimits = {
  share: z.number().int().min(1).max(100),
  atOnce,
  perPerson: atOnce,
  reserved,
}

const laneLimits = {
  perRepo: atOnce,
  perTeam: atOnce,
  perPerson: atOnce,
  perProvider: atOnce,
  urgent: reserved,
}

/** What one team has of a lane. */
export const TeamLimits = z.strictObject({ ...teamLimits, repos: z.record(RepoName, atOnce) }).partial()
export type TeamLimits = z.infer<typeof TeamLimits>

/**
 * The rules by which a lane's slots are given away. Absent: no such limit. `perRepo`, `perTeam`, `perPerson` and `perProvider` are turns at
 * once of each; a team, its repos and a provider may have others. `urgent` and a team's `reserved` are slots that are kept for these.
 */
export const QueueLimits = z
  .strictObject({
    ...laneLimits,
    teams: z.record(TeamName, TeamLimits),
    providers: z.record(ProviderHost, atOnce),
  })
  .partial()
  .required({ perRepo: true })
export type QueueLimits = z.infer<typeof QueueLimits>

const orNull = <Shape extends Record<string, z.ZodType>>(shape: Shape) =>
  Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, type.nullable()])) as {
    [Name in keyof Shape]: z.ZodNullable<Shape[Name]>
  }

/** A change of a lane's limits: what it does not name stays, and null takes a limit away. */
export const QueueLimitsChange = z
  .strictObject({
    ...orNull(laneLimits),
    teams: z.record(
      TeamName,
      z.strictObject({ ...orNull(teamLimits), repos: z.record(RepoName, atOnce.nullable()) }).partial(),
    ),
    providers: z.record(ProviderHost, atOnce.nullable()),
  })
  .partial()
export type QueueLimitsChange = z.infer<typeof QueueLimitsChange>
