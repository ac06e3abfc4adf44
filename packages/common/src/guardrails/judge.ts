import { createHash } from "node:crypto"
import type { FileChange } from "@twolane/protocol"
import { type ChangedFile, pairRenames } from "./changed-file.ts"
import type { Policy } from "./policy.ts"
import { findDependencies } from "./rules/dependencies.ts"
import { findLinks, findOutOfScope, findProtected } from "./rules/paths.ts"
import { findSecrets, inWords, secretsInPrompt } from "./rules/secrets.ts"
import { findBinary, findOverSize } from "./rules/size.ts"
import { findTampering } from "./rules/tampering.ts"
import { type Finding, type Trip, tripsOf } from "./trip.ts"

/** Judges a prompt before anything is stored: secrets in it are refused, so that no log ever has them. */
export async function judgePrompt(prompt: string): Promise<Trip[]> {
  const secrets = await secretsInPrompt(prompt)
  return secrets.map(secret => ({
    rule: "secrets",
    stage: "prompt",
    verdict: "deny",
    detail: `${inWords(secret)}: leave it out, and store it as a secret of the repo`,
  }))
}

/**
 * Judges a patch before it is applied. `files` are the paths that it touches, from what the change is measured from to what they would
 * be; `soFar` is the whole change since then before this patch. Secrets wait for `judgeChange`.
 */
export function judgePatch(
  policy: Policy,
  files: readonly ChangedFile[],
  soFar: readonly FileChange[],
): Trip[] {
  const touched = new Set(files.flatMap(file => [file.path, file.from ?? file.path]))
  const paired = pairRenames(files)
  const whole = [...soFar.filter(file => !touched.has(file.path)), ...paired]
  return withContent(tripsOf(findAll(policy, paired, whole), "patch", policy.verdicts), paired)
}

/** Judges a shell line before it runs. What it may touch is the jail's to bound; what it changed is judged afterwards. */
export function judgeCommand(policy: Policy, command: string): Trip[] {
  const shown = command.length > 200 ? `${command.slice(0, 200)}…` : command
  const detail =
    policy.verdicts.commands === "ask" ? `wants to run: ${shown}` : "commands are not allowed in this lane"
  return tripsOf([{ rule: "commands", detail }], "command", policy.verdicts)
}

/**
 * Judges a whole change as read from its two trees (never from the working tree). A rename may come as a deleted and an
 * added file. `published` is all that would leave with it, where that is more: no secret of anybody's does.
 */
export async function judgeChange(
  policy: Policy,
  files: readonly ChangedFile[],
  published: readonly ChangedFile[] = files,
): Promise<Trip[]> {
  const paired = pairRenames(files)
  const leaving = published === files ? paired : pairRenames(published)
  const findings = [...findAll(policy, paired, paired), ...(await findSecrets(leaving))]
  return withContent(tripsOf(findings, "change", policy.verdicts), paired)
}

/** A person may be asked about these: their leave is for the text that the path would have. */
function withContent(trips: readonly Trip[], files: readonly ChangedFile[]): Trip[] {
  if (trips.every(trip => !isAsked(trip))) return [...trips]
  const byPath = new Map(files.map(file => [file.path, file]))
  return trips.map(trip => {
    const file = trip.path === undefined || !isAsked(trip) ? undefined : byPath.get(trip.path)
    return file === undefined || file.binary ? trip : { ...trip, content: contentOf(file) }
  })
}

const isAsked = ({ verdict }: Trip): boolean => verdict === "ask" || verdict === "hand_off"

/** The text and the mode decide; a file that keeps its mode, or is made an ordinary one, says none. */
function contentOf({ after, oldMode, newMode }: ChangedFile): string {
  if (after === null) return "absent"
  const mode = newMode === undefined || newMode === (oldMode ?? "100644") ? "" : newMode
  return createHash("sha256").update(`${mode}\0${after}`).digest("hex").slice(0, 32)
}

function findAll(policy: Policy, files: readonly ChangedFile[], whole: readonly FileChange[]): Finding[] {
  return [
    ...findLinks(files),
    ...findOutOfScope(policy.scopes, files),
    ...findProtected(policy.protected, files),
    ...findOverSize(policy, whole),
    ...findBinary(files),
    ...findDependencies(files),
    ...findTampering(files),
  ]
}

/** A policy's rules in words, for the model's instructions. */
export function rulesInWords(policy: Policy): string[] {
  const scopes = policy.scopes.filter(scope => !scope.includes("**"))
  const rules = [
    `Change at most ${policy.maxFiles} files and ${policy.maxChangedLines} lines (added and removed together).`,
    ...scopes.map(scope => `Change only paths that match: ${scope.join(", ")}.`),
    `Do not change ${["twolane.yaml", ".git*", ...policy.protected].join(", ")}.`,
    "Do not remove, skip or weaken tests, and do not change snapshots or the settings of tests, coverage or CI.",
    "Never write a secret into a file. Make no symlinks out of the repository and no nested repositories.",
  ]
  if (policy.verdicts.newDependencies !== "allow")
    rules.push(
      policy.verdicts.newDependencies === "ask"
        ? "A new dependency needs a person's leave: avoid it where you can."
        : "Add no dependencies, and change none.",
    )
  if (policy.verdicts.testTampering === "allow")
    rules.splice(
      rules.findIndex(text => text.includes("weaken tests")),
      1,
    )
  return rules
}
