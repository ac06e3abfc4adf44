import type { PatchFailure, Section } from "./patch.ts"
import { endScan, newScan, scanLine } from "./scan.ts"

/** What is known so far. `sections` grows, and its last one changes; `done` says that `*** End Patch` was read. */
export type PatchFacts = {
  readonly sections: readonly Readonly<Section>[]
  readonly failure: PatchFailure | null
  readonly done: boolean
}

/**
 * Reads a patch in pieces, cut anywhere, with constant work per character. After any pieces its facts are those of
 * the whole lines in them; once `end` was called they agree with `parsePatch` of the same text.
 */
export type PatchReader = {
  push(chunk: string): PatchFacts
  end(): PatchFacts
}

/** A reader that has read nothing yet. */
export function createPatchReader(): PatchReader {
  const scan = newScan()
  // A long line may come in thousands of pieces: they are joined once, at its end.
  let pieces: string[] = []
  const takeLine = (): void => {
    scanLine(scan, pieces.join(""))
    pieces = []
  }
  const facts = (): PatchFacts => ({
    sections: scan.sections,
    failure: scan.failure,
    done: scan.mode === "ended" && scan.failure === null,
  })
  return {
    push(chunk) {
      let from = 0
      for (let at = chunk.indexOf("\n"); at >= 0; at = chunk.indexOf("\n", from)) {
        pieces.push(chunk.slice(from, at))
        takeLine()
        from = at + 1
      }
      if (from < chunk.length) pieces.push(chunk.slice(from))
      return facts()
    },
    end() {
      if (pieces.length > 0) takeLine()
      endScan(scan)
      return facts()
    },
  }
}
