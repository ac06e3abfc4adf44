/**
 * Globs for scopes and protected paths. Our own matcher, since patterns come from requests and paths from models:
 * a glob that becomes a backtracking regular expression can be made to run for hours, this one is linear.
 */

type Token = "star" | "any" | { set: [from: string, to: string][]; negated: boolean } | { char: string }
type Segment = "globstar" | Token[]

const maxGlobChars = 1_000
const maxAlternatives = 200

/** Why a pattern can't be used, in words for the person who wrote it; null when it can. */
export function refuseGlob(glob: string): string | null {
  const plain = glob.startsWith("!") ? glob.slice(1) : glob
  if (plain === "") return "must not be empty"
  if (plain.length > maxGlobChars) return `must not be longer than ${maxGlobChars} characters`
  if (plain.startsWith("/")) return "must be relative to the repository's root"
  if (plain.split("/").some(segment => segment === ".." || segment === "."))
    return "must not have '.' or '..' segments"
  return expandBraces(plain) === null ? `must not have more than ${maxAlternatives} alternatives` : null
}

/**
 * A test for paths against a list of globs: `*`, `?`, `[a-z]`, `{a,b}`, `**` between slashes; names that begin with a
 * dot are matched like others. A pattern that names a folder matches all below it; one with `!` in front takes paths
 * out again. A list of nothing but such takes them out of everything.
 */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const taken = globs.filter(glob => !glob.startsWith("!")).map(oneGlob)
  const left = globs.filter(glob => glob.startsWith("!")).map(glob => oneGlob(glob.slice(1)))
  return path =>
    (taken.length === 0 ? left.length > 0 : taken.some(matches => matches(path))) &&
    !left.some(matches => matches(path))
}

function oneGlob(glob: string): (path: string) => boolean {
  const folder = glob.replace(/\/+$/, "")
  const compiled = (expandBraces(folder) ?? []).map(alternative => alternative.split("/").map(compileSegment))
  return path => {
    // As it stands first: `app/[id]` is also a folder's real name.
    if (path === folder || path.startsWith(`${folder}/`)) return true
    const segments = path.split("/")
    return compiled.some(pattern => matchSegments(pattern, segments))
  }
}

/** `a{b,c}` as `ab` and `ac`, nested ones too; null for too many. Braces without a comma stay as they are. */
function expandBraces(glob: string): string[] | null {
  const done: string[] = []
  let open = [glob]
  while (open.length > 0) {
    const next: string[] = []
    for (const text of open) {
      const group = firstGroup(text)
      if (group)
        next.push(...group.options.map(option => text.slice(0, group.from) + option + text.slice(group.to)))
      else done.push(text)
    }
    if (done.length + next.length > maxAlternatives) return null
    open = next
  }
  return [...new Set(done)]
}

function firstGroup(text: string): { from: number; to: number; options: string[] } | null {
  for (let from = text.indexOf("{"); from >= 0; from = text.indexOf("{", from + 1)) {
    const commas: number[] = []
    let depth = 0
    for (let at = from; at < text.length; at += 1) {
      const char = text[at]
      if (char === "{") depth += 1
      else if (char === "," && depth === 1) commas.push(at)
      else if (char === "}" && --depth === 0) {
        if (commas.length === 0) break
        const bounds = [from, ...commas, at]
        const options = bounds.slice(1).map((end, n) => text.slice((bounds[n] ?? from) + 1, end))
        return { from, to: at + 1, options }
      }
    }
  }
  return null
}

function compileSegment(segment: string): Segment {
  if (segment === "**") return "globstar"
  const tokens: Token[] = []
  for (let at = 0; at < segment.length; at += 1) {
    const char = segment[at] ?? ""
    if (char === "*") {
      if (tokens.at(-1) !== "star") tokens.push("star")
    } else if (char === "?") tokens.push("any")
    else if (char === "\\" && at + 1 < segment.length) tokens.push({ char: segment[++at] ?? "" })
    else if (char === "[") {
      const set = /^\[([!^]?)(\]?[^\]]*)\]/.exec(segment.slice(at))
      if (set) at += set[0].length - 1
      tokens.push(set ? { set: ranges(set[2] ?? ""), negated: set[1] !== "" } : { char })
    } else tokens.push({ char })
  }
  return tokens
}

function ranges(set: string): [string, string][] {
  return [...set.matchAll(/([\s\S])-([\s\S])|([\s\S])/g)].map(([, from, to, one]) => [
    from ?? one ?? "",
    to ?? one ?? "",
  ])
}

/** Both levels match alike: greedy, going back only to the last star. */
function matchSegments(pattern: readonly Segment[], path: readonly string[]): boolean {
  return matchStars(
    pattern,
    path,
    item => item === "globstar",
    (item, segment) => item !== "globstar" && matchTokens(item, segment),
  )
}

function matchTokens(tokens: readonly Token[], segment: string): boolean {
  if (segment === "") return false
  return matchStars(tokens, Array.from(segment), token => token === "star", matchChar)
}

function matchChar(token: Token, char: string): boolean {
  if (token === "any") return true
  if (token === "star") return false
  if ("char" in token) return token.char === char
  return token.set.some(([from, to]) => char >= from && char <= to) !== token.negated
}

function matchStars<Item, Part>(
  pattern: readonly Item[],
  parts: readonly Part[],
  isStar: (item: Item) => boolean,
  matches: (item: Item, part: Part) => boolean,
): boolean {
  let at = 0
  let starAt = -1
  let starPart = 0
  for (let part = 0; part < parts.length; ) {
    const item = pattern[at]
    if (item !== undefined && isStar(item)) {
      starAt = at++
      starPart = part
    } else if (item !== undefined && matches(item, parts[part] as Part)) {
      at += 1
      part += 1
    } else if (starAt >= 0) {
      at = starAt + 1
      part = ++starPart
    } else return false
  }
  return pattern.slice(at).every(isStar)
}
