import { expect, test } from "vitest"
import type { FaultName } from "./faults.ts"
import { simulate } from "./simulate.ts"

const usual: readonly FaultName[] = ["freeze", "partition", "cut", "lose tickets"]

/** The first seed that notices a broken function, of at most 100; its machines freeze and lose their network all the time. */
const firstToNotice = async (
  edit: (source: string) => string,
  faults: readonly FaultName[],
): Promise<number | null> => {
  for (let seed = 1; seed <= 100; seed++) {
    const { wrong } = await simulate(seed, { faults, edit })
    if (wrong.length > 0) return seed
  }
  return null
}

const checks = {
  lease: 'if (generation ~= "" or mode == "over") and leased then return { "leased" } end',
  generation:
    'if generation ~= "" and tonumber(generation) <= tonumber(state[5] or "0") then return { "old" } end',
  last: 'if mode ~= "create" and last ~= ARGV[2] then return { "moved", last } end',
  attempt: 'if writer ~= "" and (tonumber(writer) ~= attempt or owner ~= writer) then return { "stale" } end',
  ticket: "if deactivate(member) and entry then enterLine(member, entry) end",
}

// The lease and the generation guard a claim together: each alone suffices against what the seeds do.
test.each([
  { what: "what guards a claim", out: [checks.lease, checks.generation] },
  { what: "the comparison with the attempt's number", out: [checks.attempt], faults: ["partition"] as const },
  { what: "the comparison with the last event", out: [checks.last] },
  { what: "the return of a ticket that nobody claimed", out: [checks.ticket] },
])(
  "the seeds notice when $what is taken out",
  async ({ out, faults = usual }) => {
    const seen = new Set<string>()
    const edit = (source: string) =>
      out.reduce((text, check) => {
        if (text.includes(check)) seen.add(check)
        return text.replace(check, "")
      }, source)
    const seed = await firstToNotice(edit, faults)
    expect([...seen]).toEqual(out)
    expect(seed).not.toBeNull()
  },
  300_000,
)
