/** What a message may say of a task before its prompt, by words or by switches. */
export type Wishes = { repo?: string; lane?: "fast" | "deep"; base?: string; pull?: true }

/** Why a message was not understood, in words for its author. */
export class Unclear extends Error {}

/** A header of words: `in api:`, `fast:`, `deep lane in api:`, `in api, fast:`. */
const headerPattern = /^([^:\n]{1,160}):(?!\/\/)\s*/
const partPattern =
  /^(?:in\s+(?:the\s+)?(?:repo\s+)?[`"']?([^\s`"',:]+)[`"']?|(?:the\s+)?(fast|deep)(?:\s+lane)?)(?=\s|,|$)/i

/**
 * Takes the words before the first colon where each of them says a repo or a lane; any other text before a colon belongs to the prompt.
 * @throws Unclear
 */
export const takeHeader = (text: string): { wishes: Wishes; rest: string } => {
  const header = headerPattern.exec(text)
  if (header === null) return { wishes: {}, rest: text }
  const wishes: Wishes = {}
  let left = (header[1] ?? "").trim()
  if (left === "") return { wishes: {}, rest: text }
  while (left !== "") {
    const part = partPattern.exec(left)
    if (part === null) return { wishes: {}, rest: text }
    if (part[1] !== undefined) say(wishes, "repo", part[1])
    else say(wishes, "lane", (part[2] ?? "").toLowerCase())
    left = left.slice(part[0].length).replace(/^[\s,]+(?:and\s+)?/, "")
  }
  return { wishes, rest: text.slice(header[0].length) }
}

// What chat programs make of two hyphens.
const dashes = "(?:--|\\u2014|\\u2013)"
const leadingSwitch = new RegExp(`^${dashes}([a-z][a-z-]*)(?:[ =]+|$)`, "i")
const trailingLane = new RegExp(`\\s${dashes}(fast|deep)\\s*$`, "i")
const withValue: Readonly<Record<string, "repo" | "base" | undefined>> = { repo: "repo", base: "base" }

/**
 * Takes switches off the beginning of a text (all of them), and `--fast` and `--deep` off its end. A switch elsewhere, such as in
 * `make npm test --watch work`, is part of the prompt; `--` ends them.
 * @throws Unclear
 */
export const takeSwitches = (text: string, wishes: Wishes): string => {
  let rest = text
  for (let found = leadingSwitch.exec(rest); found !== null; found = leadingSwitch.exec(rest)) {
    const name = (found[1] ?? "").toLowerCase()
    rest = rest.slice(found[0].length)
    if (name === "fast" || name === "deep") {
      say(wishes, "lane", name)
      continue
    }
    if (name === "pr") {
      wishes.pull = true
      continue
    }
    const field = withValue[name]
    if (field === undefined) throw new Unclear(`I know no switch --${name}: there are ${known}.`)
    const value = /^[^\s]+/.exec(rest)?.[0]
    if (value === undefined)
      throw new Unclear(`--${name} needs a value, such as --${name} ${examples[field]}.`)
    say(wishes, field, value)
    rest = rest.slice(value.length).trimStart()
  }
  if (/^--(?:\s|$)/.test(rest)) return rest.slice(2).trim()
  for (let found = trailingLane.exec(rest); found !== null; found = trailingLane.exec(rest)) {
    say(wishes, "lane", (found[1] ?? "").toLowerCase())
    rest = rest.slice(0, found.index)
  }
  return rest.trim()
}

const known = "--fast, --deep, --pr, --repo NAME and --base BRANCH"
const examples = { repo: "api", base: "main" } as const

const say = (wishes: Wishes, field: "repo" | "lane" | "base", value: string): void => {
  const before = wishes[field]
  if (before !== undefined && before !== value)
    throw new Unclear(`It says both ${before} and ${value}: which ${field} shall it be?`)
  Object.assign(wishes, { [field]: value })
}
