import type { TaskRequest } from "./requests.ts"
import type { Lane } from "./terms.ts"

/** What is known of a repo beside the request. */
export type LaneFacts = {
  /** How many of the repo's newest fast turns are counted, and how many of these were handed off to the deep lane. */
  fastTurns: number
  handedOff: number
}

/** What `chooseLane` reads of a request. */
export type LaneRequest = Pick<
  TaskRequest,
  "prompt" | "scope" | "plan" | "publish" | "notBefore" | "after" | "changes" | "test"
>

type Read = { text: string; words: number; paths: number; facts: LaneFacts; request: LaneRequest }

/** A named reason for a lane; the weights of all that fire are added up, and what is above zero is deep. */
type Rule = { name: string; weight: number; fires: (read: Read) => boolean }

const has = (pattern: RegExp) => (read: Read) => pattern.test(read.text)

/** What makes the fast lane impossible or pointless, whatever else is asked. */
const deepOnly = 100

const rules: readonly Rule[] = [
  { name: "plan-first", weight: deepOnly, fires: ({ request }) => request.plan === "approve" },
  { name: "publishes", weight: deepOnly, fires: ({ request }) => (request.publish ?? "none") !== "none" },
  {
    name: "later",
    weight: deepOnly,
    fires: ({ request }) => request.notBefore !== undefined || (request.after ?? []).length > 0,
  },
  { name: "whole-suite", weight: 2, fires: ({ request }) => request.test === "all" },
  { name: "long-prompt", weight: 3, fires: ({ words }) => words > 120 },
  { name: "longer-than-a-sentence", weight: 1, fires: ({ words }) => words > 45 },
  { name: "short-prompt", weight: -1, fires: ({ words }) => words <= 25 },
  { name: "many-files-named", weight: 2, fires: ({ paths }) => paths > 3 },
  { name: "files-named", weight: -2, fires: ({ paths }) => paths > 0 && paths <= 3 },
  {
    name: "narrow-scope",
    weight: -2,
    fires: ({ request }) => request.scope?.every(glob => !glob.includes("**")) === true,
  },
  {
    name: "breadth",
    weight: 3,
    fires: has(
      /\b(?:across|throughout|everywhere|entire|whole|codebase|repo(?:sitory)?-wide|project-wide|all (?:the |our |of )?(?:\w+ )?(?:files|modules|packages|services|endpoints|routes|handlers|callers|usages|components|tests|places|models|controllers|pages|strings|queries)|every (?:\w+ )?(?:file|module|package|service|endpoint|route|handler|caller|component|place|page|query|controller))\b/,
    ),
  },
  {
    name: "large-verb",
    weight: 3,
    fires: has(
      /\b(?:migrat\w+|re-?architect\w*|redesign\w*|rewrit(?:e|ing)|overhaul\w*|refactor\w*|port (?:\w+ ){0,4}(?:to|from)|convert (?:the|our|all|every)|upgrad(?:e|ing)|moderni[sz]e|restructur\w+|split (?:the|up)|extract (?:the|a) (?:\w+ ){0,3}(?:package|service|module|library)|introduce|integrat(?:e|ion)|set up|scaffold|investigat\w+|profil(?:e|ing)|audit|benchmark|replace (?:\w+ ){1,5}(?:with|by))\b/,
    ),
  },
  {
    name: "feature",
    weight: 2,
    fires: has(
      /\b(?:(?:implement|build|create|design|develop)\b|support for\b|end-to-end|from scratch|new (?:\w+ )?(?:feature|service|module|package|page|endpoint|api|command|subsystem|dashboard|pipeline|integration|client)\b)/,
    ),
  },
  {
    name: "infrastructure",
    weight: 2,
    fires: has(
      /\b(?:database|schema|migration|auth(?:entication|orization)|oauth|sso|ci(?:\/cd)?|pipeline|docker(?:file)?|kubernetes|helm|terraform|deploy\w*|queue|cach(?:e|ing) layer|websockets?|i18n|internationali[sz]ation|dark mode|rate limit\w*|telemetry|multi-tenant\w*|test coverage)\b/,
    ),
  },
  {
    name: "several-steps",
    weight: 2,
    fires: ({ text }) =>
      (text.match(/^\s*(?:[-*]|\d+[.)])\s+\S/gm) ?? []).length >= 3 ||
      /\b(?:then|after that|finally|as well as|and also)\b.*\b(?:then|after that|finally|as well as|and also)\b/s.test(
        text,
      ),
  },
  {
    name: "unknown-cause",
    weight: 2,
    fires: has(
      /\b(?:find out|figure out|root cause|flak(?:y|iness)|intermittent\w*|sometimes|memory leak|deadlock|race condition|why (?:is|are|does|do) (?:our|the) \w+ (?:\w+ )?(?:slow|fail\w*|crash\w*|hang\w*|leak\w*))\b/,
    ),
  },
  {
    name: "small-verb",
    weight: -2,
    fires: has(
      /\b(?:rename|typo|fix (?:the|a|this) (?:typo|off-by-one|import|lint|type error|null check|condition|spelling|wording|label|link)|spelling|wording|bump|tweak|correct|return \S+ instead|change (?:the )?(?:\w+ ){0,4}(?:to|from)|set (?:the )?\S+ (?:\w+ ){0,3}to|add (?:a|an|the|one) (?:\w+ ){0,2}(?:comment|docstring|null check|check|guard|log line|test|default|parameter|argument|option|field|export|import|return type|type annotation|case|line|button label|tooltip|unit test)|remove (?:the |a |this )?(?:unused|dead|stray|extra|trailing|console|debug)|make (?:the )?\S+ (?:\w+ ){0,2}(?:optional|required|const|async|readonly|private|public)|inline|off by one|should (?:be|return|use|throw|say)|instead of)\b/,
    ),
  },
  {
    name: "one-place",
    weight: -1,
    fires: has(
      /\b(?:this|the) (?:function|method|line|test|class|constant|variable|component|button|message|regex|query|error|field|flag|header|label|helper|loop|condition|typo|comment|readme|docstring)\b|`[^`\n]{2,60}`/,
    ),
  },
  {
    name: "question",
    weight: -2,
    fires: ({ text, words }) =>
      words <= 40 &&
      /^(?:what|where|which|how does|does|is|why does)\b/.test(text.trim()) &&
      text.trim().endsWith("?"),
  },
  {
    name: "handed-off-before",
    weight: 2,
    fires: ({ facts }) => facts.fastTurns >= 5 && facts.handedOff / facts.fastTurns > 0.4,
  },
]

const maxReadChars = 20_000

/**
 * Chooses the lane for a request that leaves it open. Pure: named rules, each of which speaks for one lane; `fired` lists those that
 * did, for the turn's queue reason. A request that nothing speaks for goes fast, where the person sees at once whether it fits.
 */
export const chooseLane = (request: LaneRequest, facts: LaneFacts): { lane: Lane; fired: string[] } => {
  const text = request.prompt.slice(0, maxReadChars).toLowerCase()
  const read: Read = { text, words: wordsIn(request.prompt), paths: pathsIn(text), facts, request }
  const fired = rules.filter(rule => rule.fires(read))
  const sum = fired.reduce((total, { weight }) => total + weight, 0)
  return { lane: sum > 0 ? "deep" : "fast", fired: fired.map(({ name }) => name) }
}

const wordsIn = (prompt: string): number =>
  prompt
    .slice(0, maxReadChars)
    .split(/\s+/)
    .filter(word => word !== "").length + (prompt.length > maxReadChars ? 1_000 : 0)

/** Different files that are named: `src/a.ts`, `a.ts`. */
const pathsIn = (text: string): number =>
  new Set(
    text
      .split(/[\s"'`()<>,;:[\]{}|]+/)
      .filter(
        token =>
          token.length <= 300 &&
          /^[\w@./-]*[\w-]\.(?:[a-z]{1,4}|[a-z]+rc|json5?|ya?ml|toml|proto|scss|svelte|lock)$/.test(
            token.replace(/[.!?]+$/, ""),
          ),
      ),
  ).size
