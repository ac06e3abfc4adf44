import { RepoName } from "@twolane/protocol"
import { takeHeader, takeSwitches } from "./switches.ts"
import { Unclear, type Wishes } from "./wishes.ts"

/** What somebody asks of Twolane by a mention or a slash command. */
export type Ask =
  | ({ kind: "task"; prompt: string } & Wishes)
  | { kind: "help" }
  | { kind: "whoami" }
  /** Binds whoever says it to the key that made the code. */
  | { kind: "link"; code: string }
  | { kind: "unlink" }
  /** `problem` says what is missing or wrong; `understood` what was not in doubt. */
  | { kind: "unclear"; problem: string; understood: Wishes & { prompt?: string } }

/** Which answer a reply in a task's thread is: text for its agent, and the lane that it names. */
export type Reply =
  | { kind: "note"; prompt: string; lane?: "fast" | "deep" }
  /** For the people in the thread. */
  | { kind: "aside" }
  | { kind: "unclear"; problem: string }

/**
 * Reads what is asked, as plain text without the mention. The grammar:
 *
 *     help | whoami | link CODE | unlink | [header] [switches] prompt [--fast | --deep]
 *     header   = part { ("," | " ") part } ":"       part = "in" REPO | ("fast" | "deep") ["lane"] | NUMBER "candidates" | ["a"] "race"
 *     switches = { "--fast" | "--deep" | "--pr" | "--repo" NAME | "--base" REF | "--race" | "--candidates" (NUMBER | MODELS)
 *                | "--after" TASK | ("--not-before" | "--start-by") TIME } ["--"]
 *
 * `repo` is the channel's own, where the text names none; `now` (epoch ms) is when it was said.
 */
export const readAsk = (text: string, { repo: own, now }: { repo?: string; now: number }): Ask => {
  const trimmed = text.trim()
  const command = readCommand(trimmed)
  if (command !== null) return command
  let understood: Wishes & { prompt?: string } = {}
  try {
    const { wishes, rest } = takeHeader(trimmed)
    understood = wishes
    const prompt = takeSwitches(rest.trim(), wishes, now)
    const repo = wishes.repo ?? own
    understood = { ...wishes, ...(repo === undefined ? {} : { repo }), ...(prompt === "" ? {} : { prompt }) }
    if (wishes.repo !== undefined && !RepoName.safeParse(wishes.repo).success)
      throw new Unclear(`“${wishes.repo.slice(0, 100)}” cannot be the name of a repo.`)
    if (prompt === "") throw new Unclear("It does not say what to do.")
    if (repo === undefined)
      throw new Unclear("It does not say in which repo, and this channel has none of its own.")
    return { kind: "task", ...wishes, repo, prompt }
  } catch (error) {
    if (!(error instanceof Unclear)) throw error
    return { kind: "unclear", problem: error.message, understood }
  }
}

const readCommand = (text: string): Ask | null => {
  const [word = "", argument = "", ...more] = text.split(/\s+/)
  if (more.length > 0) return null
  switch (word.toLowerCase()) {
    case "":
    case "help":
    case "?":
      return argument === "" ? { kind: "help" } : null
    case "whoami":
      return argument === "" ? { kind: "whoami" } : null
    case "unlink":
      return argument === "" ? { kind: "unlink" } : null
    case "link":
      if (/^[a-z0-9-]{8,40}$/i.test(argument)) return { kind: "link", code: argument.toLowerCase() }
      return {
        kind: "unclear",
        problem: "link needs the code that `twolane chat code` shows.",
        understood: {},
      }
    default:
      return null
  }
}

/** Reads a reply in a task's thread; `fast:`, `deep:` and the switches name the lane of the turn that it asks for. */
export const readReply = (text: string): Reply => {
  const trimmed = text.trim()
  if (trimmed === "" || trimmed.startsWith("//")) return { kind: "aside" }
  try {
    const { wishes, rest } = takeHeader(trimmed)
    // A task stays in its repo and what it is, so such words were meant for the agent.
    if (Object.keys(wishes).some(field => field !== "lane")) return { kind: "note", prompt: trimmed }
    const prompt = takeLane(rest.trim(), wishes)
    if (prompt === "") throw new Unclear("It does not say what to do.")
    return { kind: "note", prompt, ...(wishes.lane === undefined ? {} : { lane: wishes.lane }) }
  } catch (error) {
    if (!(error instanceof Unclear)) throw error
    return { kind: "unclear", problem: error.message }
  }
}

/** In a thread of several candidates `candidate 2: …` is for that one alone; without it `candidate` is absent. */
export const takeCandidate = (text: string): { candidate?: number; rest: string } => {
  const found = /^\s*(?:for\s+)?candidate\s+(\d{1,2})\s*[:,]\s*/i.exec(text)
  return found === null ? { rest: text } : { candidate: Number(found[1]), rest: text.slice(found[0].length) }
}

/** Of the switches a reply has those of the lane; another one begins what the agent shall read. */
const takeLane = (text: string, wishes: Wishes): string =>
  /^(?:--|\u2014|\u2013)(?!(?:fast|deep)\b)/i.test(text) ? text : takeSwitchesOfTurn(text, wishes)

const takeSwitchesOfTurn = (text: string, wishes: Wishes): string => {
  // No time is one of a turn.
  const prompt = takeSwitches(text, wishes, 0)
  const { lane: _ofTurn, ...ofTask } = wishes
  if (Object.keys(ofTask).length === 0) return prompt
  throw new Unclear(
    "In a task's thread a message can name a lane alone: the other switches are for a new task.",
  )
}
