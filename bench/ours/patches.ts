import { type Policy, policyFor } from "@twolane/common/guardrails/policy"

/** Many lines of one new file, many hunks of one file, or many files. */
export type PatchShape = "lines" | "hunks" | "files"

const sections: Record<PatchShape, (index: number) => string> = {
  lines: index => `+export const value${index} = ${index}\n`,
  hunks: index => `@@\n const before${index} = 1\n-const old${index} = 2\n+const fresh${index} = 3\n`,
  files: index => `*** Add File: src/made-${index}.ts\n+export const value = ${index}\n`,
}
const heads: Record<PatchShape, string> = {
  lines: "*** Add File: src/long.ts\n",
  hunks: "*** Update File: src/long.ts\n",
  files: "",
}

/** A patch of about so many bytes. */
export const patchOf = (shape: PatchShape, bytes: number): string => {
  const parts = [`*** Begin Patch\n${heads[shape]}`]
  for (let index = 0, length = 0; length < bytes; index += 1) {
    const part = sections[shape](index)
    length += part.length
    parts.push(part)
  }
  return `${parts.join("")}*** End Patch\n`
}

/** The fast lane's rules, with no limit on the size of a change. */
export const freePolicy = (): Policy => {
  const merged = policyFor({ lane: "fast", file: undefined, request: undefined })
  if (!merged.ok) throw new Error("nothing was asked for")
  return { ...merged.policy, maxFiles: Number.MAX_SAFE_INTEGER, maxChangedLines: Number.MAX_SAFE_INTEGER }
}
