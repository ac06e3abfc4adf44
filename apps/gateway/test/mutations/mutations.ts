/** Guards that something in this repository must miss when they are taken out. */

/** One text of a file and what stands there instead. */
export type Edit = { file: string; from: string; to: string }

/** A guard that is taken out, what is run then, and the words in which that must complain. */
export type Mutation = { name: string; edits: Edit[]; run: string[]; says: RegExp }

const seeds = (faults: string): string[] => ["apps/gateway/test/mutations/first-wrong.ts", "400", faults]
const chaos = (minutes: number, faults: string): string[] => [
  "apps/gateway/test/chaos/run.ts",
  "--minutes",
  String(minutes),
  "--seed",
  "1",
  "--faults",
  faults,
]

const lua: Edit = {
  file: "packages/store/src/lua/task-append.lua",
  from: 'if writer ~= "" and (tonumber(writer) ~= attempt or owner ~= writer) then return { "stale" } end',
  to: "",
}

/** Each is caught by the simulation's seeds or by a short run of the chaos suite. */
export const mutations: readonly Mutation[] = [
  {
    name: "Redis does not compare the attempt's number",
    edits: [lua],
    run: seeds("partition"),
    says: /the stored fold is not the fold of the log/,
  },
  {
    name: "neither Redis nor a worker compares the attempt's number, and none fences itself",
    edits: [
      lua,
      {
        file: "packages/store/src/worker/watch.ts",
        from: 'if (next.attempt !== attempt) hold.abort({ by: "superseded" })',
        to: "",
      },
      {
        file: "packages/store/src/worker/beat.ts",
        from: 'if (attempt.provedAt() < oldest) attempt.abort({ by: "superseded" })',
        to: "attempt.provedAt() < oldest",
      },
      {
        file: "packages/store/src/worker/beat.ts",
        from: 'if (newest !== attempt.attempt || attemptOpen) attempt.abort({ by: "superseded" })',
        to: "newest !== attempt.attempt || attemptOpen",
      },
    ],
    run: seeds("freeze,partition"),
    says: /ended \w+ before|turn\.started|ran at once|where .* should be|after one of attempt/,
  },
  {
    name: "a cancel is not looked for again before a turn's end",
    edits: [
      {
        file: "packages/turns/src/leave-turn.ts",
        from: "  if (cancel === undefined) return\n  throw cancelCause(cancel)",
        to: "  if (cancel === undefined || state.turns.length > 0) return\n  throw cancelCause(cancel)",
      },
    ],
    run: seeds("partition,cut"),
    says: /was canceled while it was open, and is succeeded/,
  },
  {
    name: "a push takes the branch wherever it is",
    edits: [
      {
        file: "packages/workspace/src/git/push.ts",
        from: `\`--force-with-lease=\${ref}:\${expected ?? ""}\``,
        to: '...(expected === ref ? [] : ["--force"])',
      },
    ],
    run: chaos(1, "ambush"),
    says: /of somebody else was pushed away|went from .* back to/,
  },
  {
    name: "nobody looks whether a push has happened",
    edits: [
      {
        file: "packages/workspace/src/git/push.ts",
        from: "if (now === sha) return { pushed: false }",
        to: "",
      },
      {
        file: "packages/workspace/src/git/push.ts",
        from: "if (after === sha) return { pushed: true }",
        to: "",
      },
    ],
    run: chaos(1, "lose a push's answer"),
    says: /which is not accepted \(push\): 1 pushes/,
  },
  {
    name: "nobody looks for a pull request whose answer was lost",
    edits: [
      {
        file: "packages/github/src/pulls.ts",
        from: 'return ours ?? pulls.find(({ state }) => state === "open") ?? null',
        to: 'return key === "" && ours !== undefined ? ours : null',
      },
    ],
    run: chaos(0.5, "lose a pull request's answer"),
    says: /publish-failed|0 pull requests/,
  },
  {
    // Process 1 of a jail is then none: no command runs at all, and nothing is delivered.
    name: "a jail shares the machine's processes",
    edits: [{ file: "packages/workspace/src/jail/namespaces.ts", from: '  "--unshare-pid",\n', to: "" }],
    run: chaos(0.5, "kill"),
    says: /runs though every turn has ended|left running|"pushes":0,.*"jails":0/,
  },
]
