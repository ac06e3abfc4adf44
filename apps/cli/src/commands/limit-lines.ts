import type { QueueLimits, TeamLimits } from "@twolane/protocol"

/** A lane's limits, a line each for the lane, its providers, and each team. */
export const limitLines = ({ teams = {}, providers = {}, ...ofLane }: QueueLimits): string[] => [
  said([
    ["per repo", ofLane.perRepo],
    ["per team", ofLane.perTeam],
    ["per person", ofLane.perPerson],
    ["per provider", ofLane.perProvider],
    ["kept for urgent turns", ofLane.urgent],
  ]),
  ...Object.entries(providers).map(([host, most]) => `${host}: at most ${most}`),
  ...Object.entries(teams).map(([team, limits]) => `team ${team}: ${teamWords(limits)}`),
]

const teamWords = ({ repos = {}, share, atOnce, perPerson, reserved }: TeamLimits): string =>
  said([
    ["share", share],
    ["at most", atOnce],
    ["per person", perPerson],
    ["kept for it", reserved],
    ...Object.entries(repos).map(([repo, most]): [string, number] => [`repo ${repo}`, most]),
  ])

const said = (limits: readonly (readonly [string, number | undefined])[]): string =>
  limits.flatMap(([name, most]) => (most === undefined ? [] : [`${name} ${most}`])).join(", ")
