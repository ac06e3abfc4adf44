import type { Lane, LaneRules, Verdict } from "@twolane/protocol"
import type { RuleName } from "./trip.ts"

/** A lane's rules, those that every lane has filled in. */
type FullRules = Pick<LaneRules, "maxSteps" | "maxTokens" | "maxCostUsd"> & {
  [Name in
    | "maxFiles"
    | "maxChangedLines"
    | "maxCycles"
    | "afterCycles"
    | "maxSeconds"
    | "scope"
    | "newDependencies"
    | "testTampering"
    | "commands"]: NonNullable<LaneRules[Name]>
}

/** The rules of each lane where `twolane.yaml` says nothing (contract.md). */
export const laneDefaults: Readonly<Record<Lane, FullRules>> = {
  fast: {
    maxFiles: 3,
    maxChangedLines: 80,
    scope: ["**"],
    newDependencies: "deny",
    maxCycles: 3,
    afterCycles: "limited",
    maxSeconds: 120,
    commands: "deny",
    testTampering: "deny",
  },
  deep: {
    maxFiles: 60,
    maxChangedLines: 3_000,
    scope: ["**"],
    newDependencies: "ask",
    maxCycles: 8,
    afterCycles: "limited",
    maxSteps: 200,
    maxSeconds: 3_600,
    maxCostUsd: 5,
    commands: "allow",
    testTampering: "ask",
  },
}

/** What follows when a rule trips that has no verdict of its own in `twolane.yaml`. */
type FixedRule = Exclude<RuleName, "newDependencies" | "testTampering" | "commands">

/**
 * Fast: the person is there, and the model can mend it in seconds, so it is told. Deep: what is only large waits for
 * a person, what is out of scope is wrong and goes back to the model. Links never ask: no answer makes them safe.
 */
export const ruleVerdicts: Readonly<Record<Lane, Readonly<Record<FixedRule, Exclude<Verdict, "allow">>>>> = {
  fast: {
    maxFiles: "steer",
    maxChangedLines: "steer",
    binary: "steer",
    scope: "steer",
    protected: "steer",
    links: "steer",
    secrets: "deny",
  },
  deep: {
    maxFiles: "ask",
    maxChangedLines: "ask",
    binary: "ask",
    scope: "steer",
    protected: "ask",
    links: "steer",
    secrets: "deny",
  },
}
