import type { GateKind, Stage, Verdict } from "@twolane/protocol"

/** The rules that can trip. */
export type RuleName =
  | "maxFiles"
  | "maxChangedLines"
  | "binary"
  | "scope"
  | "protected"
  | "newDependencies"
  | "testTampering"
  | "links"
  | "secrets"
  | "commands"

/** A rule that was broken: which, at which stage, what follows, and what to say about it. */
export type Trip = {
  rule: RuleName
  stage: Stage
  verdict: Exclude<Verdict, "allow">
  detail: string
  path?: string
  /** Names the text that the path would have, so that a person's leave is for this text and no other; not of a binary file. */
  content?: string
}

/** What a rule found, before the policy says what follows. */
export type Finding = { rule: RuleName; detail: string; path?: string }

/** Findings as trips, with each rule's verdict; what the policy allows is left out. */
export function tripsOf(
  findings: readonly Finding[],
  stage: Stage,
  verdicts: Readonly<Record<RuleName, Verdict>>,
): Trip[] {
  return findings.flatMap(finding => {
    const verdict = verdicts[finding.rule]
    return verdict === "allow" ? [] : [{ ...finding, stage, verdict }]
  })
}

/** The kind of gate that asks a person about these trips. */
export function gateKindOf(trips: readonly Trip[]): GateKind {
  const asked = trips.filter(trip => trip.verdict === "ask")
  if (asked.some(trip => trip.rule === "commands")) return "command"
  return asked.length > 0 && asked.every(trip => trip.rule === "newDependencies") ? "dependency" : "patch"
}
