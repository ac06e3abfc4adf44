import { candidatesIn, candidatesWords, race, say, tasksIn, timeIn, Unclear, type Wishes } from "./wishes.ts"

/** A header of words: `in api:`, `fast:`, `deep lane in api:`, `in api, 3 candidates:`, `a race in api:`. */
const headerPattern = /^([^:\n]{1,160}):(?!\/\/)\s*/
const partPattern =
  /^(?:in\s+(?:the\s+)?(?:repo\s+)?[`"']?([^\s`"',:]+)[`"']?|(?:the\s+)?(fast|deep)(?:\s+lane)?|(\d{1,3})\s+candidates|(?:(?:a|as\s+a)\s+)?(race))(?=\s|,|$)/i

/**
 * Takes the words before the first colon where each of them says a repo, a lane or who tries it; any other text before a colon belongs to
 * the prompt, and so does `race:`, by which people report bugs.
 * @throws Unclear
 */
export const takeHeader = (text: string): { wishes: Wishes; rest: string } => {
  const header = headerPattern.exec(text)
  if (header === null) return { wishes: {}, rest: text }
  const wishes: Wishes = {}
  let left = (header[1] ?? "").trim()
  if (left === "" || /^(?:a\s+)?race$/i.test(left)) return { wishes: {}, rest: text }
  while (left !== "") {
    const part = partPattern.exec(left)
    if (part === null) return { wishes: {}, rest: text }
    const [whole, repo, lane, count, raced] = part
    if (repo !== undefined) say(wishes, "repo", repo)
    if (lane !== undefined) say(wishes, "lane", lane.toLowerCase() === "fast" ? "fast" : "deep")
    if (count !== undefined) sayCandidates(wishes, candidatesIn(count))
    if (raced !== undefined) sayCandidates(wishes, race)
    left = left.slice(whole.length).replace(/^[\s,]+(?:and\s+)?/, "")
  }
  return { wishes, rest: text.slice(header[0].length) }
}

const sayCandidates = (wishes: Wishes, value: NonNullable<Wishes["candidates"]>): void =>
  say(wishes, "candidates", value, candidatesWords)

const isoOf = (at: number): string => new Date(at).toISOString()

/** What a switch says; `value` where it has an example of one. */
type Switch = { example?: string; take: (wishes: Wishes, value: string, now: number) => void }

const switches: Readonly<Record<string, Switch | undefined>> = {
  fast: { take: wishes => say(wishes, "lane", "fast") },
  deep: { take: wishes => say(wishes, "lane", "deep") },
  pr: {
    take: wishes => {
      wishes.pull = true
    },
  },
  race: { take: wishes => sayCandidates(wishes, race) },
  repo: { example: "api", take: (wishes, value) => say(wishes, "repo", value) },
  base: { example: "main", take: (wishes, value) => say(wishes, "base", value) },
  candidates: { example: "3", take: (wishes, value) => sayCandidates(wishes, candidatesIn(value)) },
  after: {
    example: "task_01m8gs56",
    take: (wishes, value) => {
      wishes.after = [...(wishes.after ?? []), ...tasksIn(value)]
    },
  },
  "not-before": {
    example: "2h",
    take: (wishes, value, now) => say(wishes, "notBefore", timeIn("not-before", value, now), isoOf),
  },
  "start-by": {
    example: "22:30Z",
    take: (wishes, value, now) => say(wishes, "startBy", timeIn("start-by", value, now), isoOf),
  },
}

const known =
  "--fast, --deep, --pr, --repo NAME, --base BRANCH, --candidates NUMBER, --race, --after TASK, --not-before TIME and --start-by TIME"

// What chat programs make of two hyphens.
const dashes = "(?:--|\\u2014|\\u2013)"
const leadingSwitch = new RegExp(`^${dashes}([a-z][a-z-]*)(?:[ =]+|$)`, "i")
const trailingLane = new RegExp(`\\s${dashes}(fast|deep)\\s*$`, "i")

/**
 * Takes switches off the beginning of a text (all of them), and `--fast` and `--deep` off its end. A switch elsewhere, such as in
 * `make npm test --watch work`, is part of the prompt; `--` ends them. Times are seen from `now`.
 * @throws Unclear
 */
export const takeSwitches = (text: string, wishes: Wishes, now: number): string => {
  let rest = text
  for (let found = leadingSwitch.exec(rest); found !== null; found = leadingSwitch.exec(rest)) {
    const name = (found[1] ?? "").toLowerCase()
    rest = rest.slice(found[0].length)
    const known = knownSwitch(name)
    const value = known.example === undefined ? "" : /^[^\s]+/.exec(rest)?.[0]
    if (value === undefined) throw new Unclear(`--${name} needs a value, such as --${name} ${known.example}.`)
    known.take(wishes, value, now)
    rest = rest.slice(value.length).trimStart()
  }
  if (/^--(?:\s|$)/.test(rest)) return rest.slice(2).trim()
  for (let found = trailingLane.exec(rest); found !== null; found = trailingLane.exec(rest)) {
    say(wishes, "lane", found[1]?.toLowerCase() === "fast" ? "fast" : "deep")
    rest = rest.slice(0, found.index)
  }
  return rest.trim()
}

const knownSwitch = (name: string): Switch => {
  const found = Object.hasOwn(switches, name) ? switches[name] : undefined
  if (found === undefined) throw new Unclear(`I know no switch --${name}: there are ${known}.`)
  return found
}
