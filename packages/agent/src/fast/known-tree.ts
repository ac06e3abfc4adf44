import { changesOfPlan } from "@twolane/common/guardrails/changed-file"
import { judgePatch } from "@twolane/common/guardrails/judge"
import { countChangedLines } from "@twolane/common/guardrails/line-count"
import type { Policy } from "@twolane/common/guardrails/policy"
import type { Trip } from "@twolane/common/guardrails/trip"
import { applyPatch } from "@twolane/common/patch/apply"
import { applyToText } from "@twolane/common/patch/apply-text"
import type { Section } from "@twolane/common/patch/patch"
import type { FileChange } from "@twolane/protocol"

/**
 * What is known of a tree without looking at it. `files` holds the texts that the model was shown and that nobody has changed since;
 * `changed` is the whole change so far that counts: such a path may still be brought back, so that nothing about it is certain before
 * the patch is whole.
 */
export type KnownTree = {
  policy: Policy
  files: ReadonlyMap<string, string>
  changed: readonly FileChange[]
}

/** A section as the reader shows it while it grows. */
export type SeenSection = Readonly<Section>

/** An update's file before and after it; null when the text is not known, or the hunks don't fit it. */
export const updatedText = (
  tree: KnownTree,
  section: Extract<SeenSection, { type: "update" }>,
): { before: string; after: string } | null => {
  const before = tree.files.get(section.path)
  if (before === undefined) return null
  const applied = applyToText(before, section.hunks)
  return applied.ok ? { before, after: applied.after } : null
}

/** At least how many lines a whole update changes. Without the text that is what the file grows or shrinks by. */
export const linesOfUpdate = (tree: KnownTree, section: Extract<SeenSection, { type: "update" }>): number => {
  const texts = updatedText(tree, section)
  if (texts === null) return Math.abs(section.added - section.removed)
  const { added, removed } = countChangedLines(texts.before, texts.after)
  return added + removed
}

/** The verdict on a whole patch, where every text that it needs is known; null where one is not. */
export const exactTrips = (tree: KnownTree, sections: readonly SeenSection[]): Trip[] | null => {
  const changed = new Set(tree.changed.flatMap(({ path, from }) => [path, from ?? path]))
  const placed = new Set<string>()
  for (const section of sections) {
    const there = section.type === "add" || placed.has(section.path) || tree.files.has(section.path)
    if (!there || changed.has(section.path)) return null
    placed.add(section.type === "update" && section.to !== undefined ? section.to : section.path)
    if (section.type === "update" && section.to !== undefined && changed.has(section.to)) return null
  }
  const textOf = (path: string): string | null => tree.files.get(path) ?? null
  const plan = applyPatch({ sections: [...sections] }, textOf)
  if (!plan.ok) return []
  return judgePatch(tree.policy, changesOfPlan(plan.writes, textOf), tree.changed)
}
