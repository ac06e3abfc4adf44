import { setFlagsFromString } from "node:v8"
import { runInThisContext } from "node:vm"

/** A step back is what an alternative costs that does not fit, so some tens for each character are usual. */
const stepsPerChar = 100

setFlagsFromString("--allow-natives-syntax")
const limited = runInThisContext(
  "(source, flags, maxSteps) => %NewRegExpWithBacktrackLimit(source, flags, maxSteps)",
) as (source: string, flags: string, maxSteps: number) => RegExp

/** The engine does not count the steps back within a repeated single character, unless there is an (empty) group beside it. */
const counted = (source: string): string =>
  source.replace(/(\\.|\[(?:\\.|[^\]\\])*\]|[^()|?*+{}])([*+]?)/g, (one, char: string, often: string) =>
    often === "" ? one : `(?:()${char})${often}`,
  )

/**
 * Whether a pattern that is looked for in a text reads it without going back over it. The engine's own count of its steps says so, and
 * no clock: some tens a character are fine, and what grows with the square of a long text's length is not.
 */
export const isLinearOn = ({ source, flags }: RegExp, text: string): boolean => {
  // One match stands for the whole search, at each character and for all that is found; finding nothing matches too, so that only
  // giving up is `null`.
  const search = `^(?:[^]*?(?:${counted(source)}))${flags.includes("g") ? "*" : "?"}`
  return limited(search, flags.replace("g", ""), stepsPerChar * text.length).exec(text) !== null
}
