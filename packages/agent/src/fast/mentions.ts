/** What a prompt names: paths as they are written, and names that may be symbols of the code. */
export type Mentions = { paths: string[]; symbols: string[]; words: string[] }

/** Words of prompts that say nothing about which file is meant. */
const common = new Set(
  "about added after again also always and any are back bad because been before bug bugs but call called can case change changes check code correct could does done error errors every fail failing fails false file files fix fixes for from function functions get gets good has have here how instead into its just keep like line lines make makes more must name need needs new not now null number one only other out over please problem project remove rename repo return returns should small some src string such take test tests text than that the their them then there this todo true type under update use used uses using value values was wants way what when where which will with without works write wrong you your".split(
    " ",
  ),
)

/** A prompt comes from anyone: no pattern may go back over what it has read. */
export const mentionPatterns = {
  fences: /```[\s\S]*?```/g,
  around: /[\s"'`()<>,;[\]{}|]+/,
  fileName: /^[\w@-][\w@.-]*\.[a-z]\w{0,9}$/i,
  tokenEnd: /(?<![.:!?])[.:!?]+$/,
  quoted: /`([^`\n]{1,120})`/g,
  identifier: /[A-Za-z_$][\w$]*/g,
  word: /[a-z][a-z0-9]{2,}/g,
  // `parsePatch`, `TaskState`, `max_bytes`: nobody writes these in prose.
  compound: /[a-z0-9][A-Z]|[A-Za-z0-9]_[A-Za-z0-9]/,
} as const
const { fences, around, fileName, tokenEnd, quoted, identifier, word, compound } = mentionPatterns

/** A prompt may be long, and hostile; what it is about stands at its beginning. */
const maxReadChars = 20_000
const maxMentions = 100

/** Reads a prompt. Code in fences counts for its symbols, not for paths. */
export const mentionsOf = (prompt: string): Mentions => {
  const read = prompt.slice(0, maxReadChars)
  const prose = read.replace(fences, " ")
  const paths = prose.split(around).map(asPath).filter(isPath)
  const inQuotes = [...prose.matchAll(quoted)].flatMap(([, text = ""]) => text.match(identifier) ?? [])
  const symbols = [
    ...inQuotes.filter(name => name.length > 2),
    ...(read.match(identifier) ?? []).filter(isCompound),
  ]
  const words = (prose.toLowerCase().match(word) ?? []).filter(each => !common.has(each))
  return { paths: firstOf(paths), symbols: firstOf(symbols), words: firstOf(words) }
}

const firstOf = (all: readonly string[]): string[] => [...new Set(all)].slice(0, maxMentions)

const asPath = (token: string): string => token.replace(/^\.\//, "").replace(tokenEnd, "")
const isPath = (token: string): boolean =>
  token.length > 2 && token.length <= 300 && (token.includes("/") || fileName.test(token))

const isCompound = (name: string): boolean => compound.test(name)

/** A name in one spelling: `parsePatch`, `parse_patch` and `parse-patch` are the same. */
export const plainName = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/[_.\s]+/g, "-")
    .toLowerCase()
