import type { QueueLimits, QueueLimitsChange, TeamLimits } from "@twolane/protocol"

/**
 * A lane's limits as Redis keeps them: one field for each number, so that two who change different ones at once both do.
 * Names: `perRepo`, `team <team> share`, `repo <team>/<repo>`, `provider <host>`.
 */
export type LimitFields = Record<string, string>

const laneNames = ["perRepo", "perTeam", "perPerson", "perProvider", "urgent"] as const
const teamNames = ["share", "atOnce", "perPerson", "reserved"] as const

/** What a change writes: null takes a field away. */
export const fieldsOf = (change: QueueLimitsChange): Record<string, number | null> => {
  const fields: [string, number | null | undefined][] = laneNames.map(name => [name, change[name]])
  for (const [team, ofTeam] of Object.entries(change.teams ?? {})) {
    fields.push(
      ...teamNames.map((name): [string, number | null | undefined] => [`team ${team} ${name}`, ofTeam[name]]),
    )
    for (const [repo, most] of Object.entries(ofTeam.repos ?? {})) fields.push([`repo ${team}/${repo}`, most])
  }
  for (const [host, most] of Object.entries(change.providers ?? {})) fields.push([`provider ${host}`, most])
  return Object.fromEntries(
    fields.filter((field): field is [string, number | null] => field[1] !== undefined),
  )
}

/** Reads what Redis keeps; `perRepo` is the limit where nobody set one. */
export const limitsOf = (fields: LimitFields, perRepo: number): QueueLimits => {
  const limits: QueueLimits = { perRepo }
  const teams: Record<string, TeamLimits> = {}
  const providers: Record<string, number> = {}
  for (const [field, text] of Object.entries(fields)) {
    const value = Number(text)
    const [kind = "", name = "", which = ""] = field.split(" ")
    const ofLane = laneNames.find(each => each === kind)
    const ofTeam = teamNames.find(each => each === which)
    if (ofLane !== undefined) limits[ofLane] = value
    else if (kind === "provider") providers[name] = value
    else if (kind === "team" && ofTeam !== undefined) teams[name] = { ...teams[name], [ofTeam]: value }
    else if (kind === "repo") {
      const [team = "", repo = ""] = name.split("/")
      teams[team] = { ...teams[team], repos: { ...teams[team]?.repos, [repo]: value } }
    }
  }
  if (Object.keys(teams).length > 0) limits.teams = teams
  if (Object.keys(providers).length > 0) limits.providers = providers
  return limits
}

const none = Number.POSITIVE_INFINITY

/** How many turns of a repo may run at once. */
export const mostOfRepo = (limits: QueueLimits, { team, repo }: { team: string; repo: string }): number =>
  limits.teams?.[team]?.repos?.[repo] ?? limits.perRepo
/** … of a team. */
export const mostOfTeam = (limits: QueueLimits, team: string): number =>
  limits.teams?.[team]?.atOnce ?? limits.perTeam ?? none
/** … of each person of a team. */
export const mostOfPerson = (limits: QueueLimits, team: string): number =>
  limits.teams?.[team]?.perPerson ?? limits.perPerson ?? none
/** … with a provider. */
export const mostOfProvider = (limits: QueueLimits, host: string): number =>
  limits.providers?.[host] ?? limits.perProvider ?? none
/** How much of a lane a team has, against 1 of the others. */
export const shareOf = (limits: QueueLimits, team: string): number => limits.teams?.[team]?.share ?? 1
