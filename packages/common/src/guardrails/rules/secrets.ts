import { setImmediate as afterThisTick } from "node:timers/promises"
import type { lintSource } from "@secretlint/core"
import type { ChangedFile } from "../changed-file.ts"
import type { Finding } from "../trip.ts"

/** Texts are looked through in pieces, so that no rule meets more than this at once; a secret at a seam is in both. */
const pieceChars = 1_000_000
const seamChars = 10_000

/** What looks like a secret: what kind, and where. The secret itself never leaves this file. */
export type Secret = { kind: string; line: number }

type FoundSecret = Secret & { text: string }

/** Secrets that the change brings (what was in the file before is not its doing). */
export async function findSecrets(files: readonly ChangedFile[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const file of files) {
    if (file.after === null || file.after === "") continue
    const found = await lint(file.path, file.after)
    const old = new Set(
      found.length > 0 && file.before ? (await lint(file.path, file.before)).map(secret => secret.text) : [],
    )
    for (const secret of found.filter(({ text }) => !old.has(text)))
      findings.push({ rule: "secrets", path: file.path, detail: inWords(secret) })
  }
  return findings
}

/** What in a prompt looks like a secret. */
export async function secretsInPrompt(prompt: string): Promise<Secret[]> {
  if (prompt.length <= mostGathered && (await isCleanPrompt(prompt))) return []
  return (await lint("prompt.txt", prompt)).map(({ kind, line }) => ({ kind, line }))
}

/** Prompts that are looked through as one text: setting the rules up costs ten times what they do on a short one. */
const mostGathered = 50_000
/** No rule's pattern reaches over it. */
const seam = "\n§§§\n"
let gathered: { texts: string[]; chars: number; clean: Promise<boolean> } | null = null

/**
 * Whether a prompt has nothing in it. The first in a turn of the loop waits for nobody; those that come with it are looked through
 * together, and each alone only where something is in them.
 */
function isCleanPrompt(prompt: string): Promise<boolean> {
  if (gathered === null) {
    gathered = gather()
    return isClean(prompt)
  }
  if (gathered.chars + prompt.length > mostGathered) gathered = gather()
  gathered.texts.push(prompt)
  gathered.chars += prompt.length
  return gathered.clean
}

function gather(): NonNullable<typeof gathered> {
  const texts: string[] = []
  const clean = afterThisTick().then(() => {
    if (gathered?.texts === texts) gathered = null
    return texts.length === 0 || isClean(texts.join(seam))
  })
  return { texts, chars: 0, clean }
}

const isClean = async (text: string): Promise<boolean> => (await lint("prompt.txt", text)).length === 0

/** A secret in words that don't repeat it. */
export const inWords = (secret: Secret): string =>
  `line ${secret.line} has what looks like a secret (${secret.kind})`

async function lint(path: string, text: string): Promise<FoundSecret[]> {
  const found: FoundSecret[] = []
  for (let from = 0, line = 0; from < text.length; from += pieceChars) {
    const piece = text.slice(from, from + pieceChars + seamChars)
    for (const secret of await lintPiece(path, piece))
      if (!found.some(other => other.text === secret.text && other.line === secret.line + line))
        found.push({ ...secret, line: secret.line + line })
    line += (text.slice(from, from + pieceChars).match(/\n/g) ?? []).length
  }
  return found
}

type Lint = typeof lintSource
type Linter = { lintSource: Lint; rules: Parameters<Lint>[0]["options"]["config"]["rules"] }

let linter: Promise<Linter> | null = null

/** Loaded when first needed: processes that judge only patches stay light. */
async function loadLinter(): Promise<Linter> {
  const [core, preset, { secretLintProfiler }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
    import("@secretlint/profiler"),
  ])
  // Else each rule leaves marks on every look, which are kept for the life of the process (secretlint issue 1633).
  secretLintProfiler.setEnabled(false)
  // The preset's comment filter is left out: a model must not be able to switch a rule off from within the file.
  const kept = preset.rules.filter(rule => rule.meta.id !== "@secretlint/secretlint-rule-filter-comments")
  return {
    lintSource: core.lintSource,
    rules: kept.map(rule => ({
      id: rule.meta.id,
      rule,
      ...(rule.meta.id === "@secretlint/secretlint-rule-aws" ? { options: { enableIDScanRule: true } } : {}),
    })),
  }
}

async function lintPiece(path: string, content: string): Promise<FoundSecret[]> {
  linter ??= loadLinter()
  const { lintSource, rules } = await linter
  const result = await lintSource({
    source: { filePath: path, content, contentType: "text", ext: /\.[^./]+$/.exec(path)?.[0] ?? "" },
    options: { locale: "en", noPhysicFilePath: true, config: { rules } },
  })
  return result.messages.map(message => ({
    kind: message.messageId,
    line: message.loc.start.line,
    text: content.slice(message.range[0], message.range[1]),
  }))
}
