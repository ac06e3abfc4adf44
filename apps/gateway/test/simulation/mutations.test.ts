import { expect, test } from "vitest"
import { simulate } from "./simulate.ts"

/** The first seed that notices a broken function, of at most 100; its machines freeze and lose their network all the time. */
const firstToNotice = async (edit: (source: string) => string): Promise<number | null> => {
  const faults = ["freeze", "partition", "cut", "lose tickets"] as const
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
  ticket: "if deactivate(member) and entry then enterLine(member, entry) end",
}

// The lease and the generation guard a claim together: each alone suffices against what the seeds do. So do the comparison with the last
// event and the attempt's number for a write: that the number alone refuses is store/test/task-core.test.ts.
test.each([
  { what: "what guards a claim", out: [checks.lease, checks.generation] },
  { what: "the comparison with the last event", out: [checks.last] },
  { what: "the return of a ticket that nobody claimed", out: [checks.ticket] },
])(
  "the seeds notice when $what is taken out",
  async ({ out }) => {
    const seen = new Set<string>()
    const edit = (source: string) =>
      out.reduce((text, check) => {
        if (text.includes(check)) seen.add(check)
        return text.replace(check, "")
      }, source)
    const seed = await firstToNotice(edit)
    expect([...seen]).toEqual(out)
    expect(seed).not.toBeNull()
  },
  300_000,
)
