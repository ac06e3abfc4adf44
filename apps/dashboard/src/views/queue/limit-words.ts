import type { QueueLimits } from "@twolane/protocol"

/** A lane's limits, in a few words each; of teams what the reader's own has, and others by their name. */
export const limitWords = ({ teams = {}, providers = {}, ...of }: QueueLimits, own: string): string[] => {
  const each = [
    [of.perRepo, "of each repo"],
    [of.perTeam, "of each team"],
    [of.perPerson, "of each person"],
    [of.perProvider, "with each provider"],
  ] as const
  return [
    ...each.flatMap(([most, whose]) => (most === undefined ? [] : [`${most} ${whose}`])),
    ...(of.urgent === undefined ? [] : [`${of.urgent} kept for urgent turns`]),
    ...Object.entries(providers).map(([host, most]) => `${most} with ${host}`),
    ...Object.entries(teams).flatMap(([team, limits]) => {
      const named = team === own ? "" : `team ${team}: `
      const { repos = {}, share, atOnce, perPerson, reserved } = limits
      return [
        ...(share === undefined ? [] : [`${named}share ${share}`]),
        ...(atOnce === undefined ? [] : [`${named}${atOnce} in all`]),
        ...(perPerson === undefined ? [] : [`${named}${perPerson} of each of its people`]),
        ...(reserved === undefined ? [] : [`${named}${reserved} kept for it`]),
        ...Object.entries(repos).map(([repo, most]) => `${named}${most} of ${repo}`),
      ]
    }),
  ]
}
