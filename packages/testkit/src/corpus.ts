import { readFileSync } from "node:fs"
import { join } from "node:path"

/** An input that failed once: what was wrong, and what a property is given. A long text is its parts, each as often as it says. */
type Kept<Input> = { why: string; input: Input }
/** A text, or its pieces in a row; `["ab", 3]` is three of them. */
export type KeptText = string | (string | [string, number])[]

/**
 * The corpus of a folder's tests, `corpus/<name>.json`: every input on which something failed once. What fast-check finds (it prints the
 * shrunk input) is written in there with its mend, and is tried first from then on.
 */
export const corpusOf = <Input>(testFolder: string, name: string): Kept<Input>[] =>
  JSON.parse(readFileSync(join(testFolder, "corpus", `${name}.json`), "utf8")) as Kept<Input>[]

/** A kept text as it is. */
export const keptText = (text: KeptText): string =>
  typeof text === "string"
    ? text
    : text.map(part => (typeof part === "string" ? part : part[0].repeat(part[1]))).join("")

/** The texts of a corpus. */
export const keptTexts = (testFolder: string, name: string): string[] =>
  corpusOf<KeptText>(testFolder, name).map(({ input }) => keptText(input))
